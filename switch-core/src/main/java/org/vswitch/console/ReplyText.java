package org.vswitch.console;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// The data block of a reply and its status line, piece by piece.
final class ReplyText implements Iterator<String> {
    private static final int PIECE_LENGTH = 16 * 1024;

    private final Iterator<? extends Row> rows;
    private final int errno;
    private final Reply.Form form;
    private final boolean list;
    private final Json json = new Json();
    private boolean begun;
    private boolean ended;

    /// A reply.
    ///
    /// @param rows what to print
    /// @param errno 0 for success
    /// @param form text or JSON
    /// @param list whether the JSON document is an array, or else the only row
    ReplyText(List<? extends Row> rows, int errno, Reply.Form form, boolean list) {
        this.rows = rows.iterator();
        this.errno = errno;
        this.form = form;
        this.list = list;
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public String next() {
        if (ended) {
            throw new NoSuchElementException();
        }
        StringBuilder piece = new StringBuilder();
        if (!begun) {
            begun = true;
            piece.append(Reply.DATA_BEGINS);
            beginJson();
        }
        while (rows.hasNext() && piece.length() < PIECE_LENGTH) {
            Row row = rows.next();
            if (form.json()) {
                row.json(json);
                piece.append(json.take());
            } else {
                row.text(piece);
            }
        }
        if (!rows.hasNext()) {
            ended = true;
            endJson(piece);
            piece.append(Reply.DATA_ENDS).append(Reply.status(errno));
        }
        return piece.toString();
    }

    private void beginJson() {
        if (form.json() && list) {
            json.array();
        }
    }

    private void endJson(StringBuilder piece) {
        if (form.json()) {
            if (list) {
                json.endArray();
            }
            piece.append(json.take()).append('\n');
        }
    }
}
