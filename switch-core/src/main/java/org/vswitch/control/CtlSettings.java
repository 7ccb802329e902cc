package org.vswitch.control;

import java.util.OptionalInt;

/// Where clients plug in, and who may.
///
/// @param directory holds the sockets, as given or, once the switch runs, resolved
/// @param sockets permissions of the control socket and of the data sockets
/// @param directoryMode permission bits of the directory, for example 02700
public record CtlSettings(String directory, SocketPermissions sockets, int directoryMode) {
    private static final int SET_GROUP_ID = 02000;
    private static final int READ_OR_WRITE = 0666;

    /// Settings from what was and what was not asked for. What is missing follows from the other: a directory may be
    /// searched by whom the sockets let read or write, and sockets may be used by whom the directory lets.
    ///
    /// @param directory holds the sockets
    /// @param mode of the sockets; 0600 if neither is given
    /// @param directoryMode of the directory; 02700 if neither is given
    /// @param group owner of both, or [SocketPermissions#NO_GROUP]
    /// @return complete settings
    public static CtlSettings of(String directory, OptionalInt mode, OptionalInt directoryMode, int group) {
        int sockets = mode.orElse(directoryMode.isPresent() ? directoryMode.getAsInt() & READ_OR_WRITE : 0600);
        return new CtlSettings(directory, new SocketPermissions(sockets, group),
                directoryMode.orElse(SET_GROUP_ID | withSearch(sockets)));
    }

    /// The same settings for another name of the directory.
    CtlSettings in(String resolved) {
        return new CtlSettings(resolved, sockets, directoryMode);
    }

    /// Adds x for each class that has r or w.
    private static int withSearch(int mode) {
        int classesThatMay = (mode >> 1 | mode >> 2) & 0111;
        return mode | classesThatMay;
    }
}
