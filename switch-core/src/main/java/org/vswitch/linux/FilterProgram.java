package org.vswitch.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A program of the classic Berkeley packet filter (linux/filter.h) that says of a frame whether it passes, in the
/// making. Loads fill a register, conditions ask for it. To load what lies behind the end of the frame lets it pass,
/// whatever comes then: [#dropIfShorter] comes first.
public final class FilterProgram {
    // struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }
    private static final int INSTRUCTION = 8;
    /// BPF_MAXINSNS.
    private static final int MAX_INSTRUCTIONS = 4096;
    private static final int LD_W_ABS = 0x20;
    private static final int LD_H_ABS = 0x28;
    private static final int LD_B_ABS = 0x30;
    private static final int LD_H_IND = 0x48;
    private static final int LD_W_LEN = 0x80;
    private static final int LDX_B_MSH = 0xb1;
    private static final int ALU_AND_K = 0x54;
    private static final int ALU_SUB_X = 0x1c;
    private static final int JA = 0x05;
    private static final int JEQ_K = 0x15;
    private static final int JEQ_X = 0x1d;
    private static final int JGE_K = 0x35;
    private static final int RET_K = 0x06;
    private static final int TAX = 0x07;
    /// SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT.
    private static final int TAG_PRESENT = -0x1000 + 48;
    /// TC_ACT_SHOT of linux/pkt_cls.h.
    private static final int DROP = 2;
    /// TC_ACT_UNSPEC: further filters, if there are any, have their say.
    private static final int PASS = -1;

    private final List<long[]> code = new ArrayList<>();

    /// A place in the program to which jumps lead forward.
    public static final class Label {
        private final List<Integer> jumps = new ArrayList<>();

        private Label() {
        }
    }

    /// An empty program.
    public FilterProgram() {
    }

    /// A label that has no place yet.
    ///
    /// @return for jumps, and for [#place]
    public Label label() {
        return new Label();
    }

    /// Has all jumps to a label lead here.
    ///
    /// @param label given to jumps before
    public void place(Label label) {
        for (int jump : label.jumps) {
            code.get(jump)[3] = code.size() - jump - 1L;
        }
    }

    /// Loads 4 bytes, most significant first.
    ///
    /// @param at bytes from the start of the Ethernet header
    /// @return this
    public FilterProgram word(int at) {
        return emit(LD_W_ABS, at);
    }

    /// Loads 2 bytes, most significant first.
    ///
    /// @param at bytes from the start of the Ethernet header
    /// @return this
    public FilterProgram half(int at) {
        return emit(LD_H_ABS, at);
    }

    /// Loads a byte.
    ///
    /// @param at bytes from the start of the Ethernet header
    /// @return this
    public FilterProgram octet(int at) {
        return emit(LD_B_ABS, at);
    }

    /// Loads how many bytes the frame has.
    ///
    /// @return this
    public FilterProgram length() {
        return emit(LD_W_LEN, 0);
    }

    /// Loads the first 2 bytes behind an IPv4 header.
    ///
    /// @param header where it begins
    /// @return this
    public FilterProgram halfBehindIpv4(int header) {
        return emit(LDX_B_MSH, header).emit(LD_H_IND, header);
    }

    /// Keeps only some bits of what was loaded.
    ///
    /// @param bits ones for those
    /// @return this
    public FilterProgram and(int bits) {
        return emit(ALU_AND_K, bits);
    }

    /// Keeps what was loaded for [#dropUnlessKept], until the next one is kept.
    ///
    /// @return this
    public FilterProgram keep() {
        return emit(TAX, 0);
    }

    /// Goes on elsewhere.
    ///
    /// @param target where
    public void jump(Label target) {
        target.jumps.add(code.size());
        emit(JA, 0);
    }

    /// Goes on elsewhere if this value was loaded.
    ///
    /// @param value to compare with
    /// @param target where
    /// @return this
    public FilterProgram when(int value, Label target) {
        compare(JEQ_K, value, false);
        jump(target);
        return this;
    }

    /// Goes on elsewhere if another value was loaded.
    ///
    /// @param value to compare with
    /// @param target where
    /// @return this
    public FilterProgram unless(int value, Label target) {
        compare(JEQ_K, value, true);
        jump(target);
        return this;
    }

    /// Goes on elsewhere if this value was loaded or a higher one, without sign.
    ///
    /// @param value to compare with
    /// @param target where
    /// @return this
    public FilterProgram whenAtLeast(int value, Label target) {
        compare(JGE_K, value, false);
        jump(target);
        return this;
    }

    /// Goes on elsewhere if some bits at a place have certain values. To be asked for the length before.
    ///
    /// @param at bytes from the start of the Ethernet header
    /// @param mask ones for those bits, a multiple of 4 bytes
    /// @param value the bits, zeros elsewhere
    /// @param target where
    public void jumpIfIn(int at, byte[] mask, byte[] value, Label target) {
        Label other = label();
        ByteBuffer masks = ByteBuffer.wrap(mask);
        ByteBuffer values = ByteBuffer.wrap(value);
        for (int i = 0; masks.hasRemaining(); i += Integer.BYTES) {
            int bits = masks.getInt();
            int wanted = values.getInt();
            if (bits != 0) {
                word(at + i).and(bits).unless(wanted, other);
            }
        }
        jump(target);
        place(other);
    }

    /// Drops the frame if this value was loaded.
    ///
    /// @param value to compare with
    /// @return this
    public FilterProgram dropWhen(int value) {
        return compare(JEQ_K, value, false).drop();
    }

    /// Drops the frame if another value was loaded.
    ///
    /// @param value to compare with
    /// @return this
    public FilterProgram dropUnless(int value) {
        return compare(JEQ_K, value, true).drop();
    }

    /// Lets the frame pass if this value was loaded.
    ///
    /// @param value to compare with
    /// @return this
    public FilterProgram passWhen(int value) {
        return compare(JEQ_K, value, false).emit(RET_K, PASS);
    }

    /// Drops the frame unless what was loaded equals what was kept.
    public void dropUnlessKept() {
        compare(JEQ_X, 0, true).drop();
    }

    /// Drops a frame that is too short.
    ///
    /// @param bytes the least length
    public void dropIfShorter(int bytes) {
        length().compare(JGE_K, bytes, true).drop();
    }

    /// Drops a frame that is too short.
    ///
    /// @param header where an IPv4 header begins, whose own length is looked up
    /// @param bytes the least length of what follows it
    public void dropIfShorterBehindIpv4(int header, int bytes) {
        emit(LDX_B_MSH, header).length().emit(ALU_SUB_X, 0).compare(JGE_K, header + bytes, true).drop();
    }

    /// Drops a frame whose tag the kernel has taken out already.
    public void dropIfTagged() {
        emit(LD_W_ABS, TAG_PRESENT).dropUnless(0);
    }

    /// Drops the frame.
    ///
    /// @return this
    public FilterProgram drop() {
        return emit(RET_K, DROP);
    }

    /// Lets the frame pass.
    public void pass() {
        emit(RET_K, PASS);
    }

    /// Whether nothing was written.
    ///
    /// @return true if there is no instruction
    public boolean isEmpty() {
        return code.isEmpty();
    }

    /// How many instructions there are.
    ///
    /// @return at most 4,096, or the kernel does not take it
    int count() {
        if (code.size() > MAX_INSTRUCTIONS) {
            throw new IllegalStateException("instructions=" + code.size());
        }
        return code.size();
    }

    /// The program as the kernel takes it.
    byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(INSTRUCTION * code.size()).order(ByteOrder.nativeOrder());
        for (long[] each : code) {
            bytes.putShort((short) each[0]).put((byte) each[1]).put((byte) each[2]).putInt((int) each[3]);
        }
        return bytes.array();
    }

    /// Skips the next instruction if the comparison yields this.
    private FilterProgram compare(int comparison, int value, boolean skipIf) {
        code.add(new long[] {comparison, skipIf ? 1 : 0, skipIf ? 0 : 1, value});
        return this;
    }

    private FilterProgram emit(int instruction, int value) {
        code.add(new long[] {instruction, 0, 0, value});
        return this;
    }
}
