package org.vswitch.console;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.MacTable;
import org.vswitch.control.SwitchControl;
import org.vswitch.linux.Errno;

/// `hash/...`: the filtering database.
///
/// VDE's table has a number of buckets, which its commands show and set. Ours has none; the number is kept and shown,
/// decides which bucket `hash/print` names for an entry and in which order it prints, and is without effect otherwise.
final class HashMenu implements Menu {
    private static final int MAX_BUCKETS = 1 << 30;

    private final SwitchControl control;
    private volatile int buckets;

    HashMenu(SwitchControl control, int size) {
        this.control = control;
        this.buckets = powerOfTwo(size);
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("hash", "HASH TABLE MENU"),
                Command.printing("hash/showinfo", "", "show hash info", this::showInfo),
                Command.of("hash/setsize", "N", "change hash size", this::setSize),
                Command.of("hash/setgcint", "N", "change garbage collector interval",
                        set((bridge, seconds) -> bridge.ageing().intervalSeconds(seconds))),
                Command.of("hash/setexpire", "N", "change hash entries expire time",
                        set((bridge, seconds) -> bridge.clock().expireSeconds(seconds))),
                Command.of("hash/setminper", "N", "minimum persistence time",
                        set((bridge, seconds) -> bridge.clock().minPersistenceSeconds(seconds))),
                Command.printing("hash/print", "", "print the hash table", this::print),
                Command.printing("hash/find", "MAC [VLAN]", "MAC lookup", this::find),
                Command.printing("hash/limit", "[N]", "show or set how many addresses are learned", this::limit));
    }

    private CompletableFuture<Reply> showInfo(Call call) {
        int size = buckets;
        return control.ask(bridge -> new Reply.One(new Times(size, bridge.clock().intervalSeconds(),
                bridge.clock().expireSeconds(), bridge.clock().minPersistenceSeconds())));
    }

    private CompletableFuture<Reply> setSize(Call call) {
        int size = Scan.decimal(call.argument());
        if (size <= 0 || size > MAX_BUCKETS) {
            return CompletableFuture.completedFuture(Reply.failure(Errno.EINVAL));
        }
        buckets = powerOfTwo(size);
        return control.ask(bridge -> {
            bridge.ageing().forgetAll(bridge.events());
            return Reply.SUCCESS;
        });
    }

    private Command.Action set(BiConsumer<Bridge, Integer> setting) {
        return call -> control.ask(bridge -> {
            setting.accept(bridge, Scan.decimal(call.argument()));
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> print(Call call) {
        int size = buckets;
        return control.ask(AddressList::of).thenApply(list -> Reply.rows(list.sorted(size)));
    }

    private CompletableFuture<Reply> find(Call call) {
        Optional<Scan.AddressInVlan> wanted = Scan.address(call.argument());
        if (wanted.isEmpty()) {
            return CompletableFuture.completedFuture(Reply.failure(Errno.EINVAL));
        }
        long address = wanted.get().address();
        int vid = wanted.get().vid() & 0xffff;
        int size = buckets;
        return control.ask(bridge -> {
            MacTable addresses = bridge.addresses();
            int slot = vid > 0xfff ? MacTable.NONE : addresses.find(address, vid);
            if (slot == MacTable.NONE) {
                return Reply.failure(Errno.ENODEV);
            }
            int age = bridge.clock().nowSeconds() - addresses.seenSeconds(slot);
            return Reply.rows(List.of(new AddressRow(AddressList.bucket(address, vid, size), address, vid,
                    addresses.port(slot), age).asFound()));
        });
    }

    private CompletableFuture<Reply> limit(Call call) {
        String text = call.argument().strip();
        boolean show = text.isEmpty();
        int wanted = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
        return control.ask(bridge -> {
            MacTable addresses = bridge.addresses();
            if (!show && (wanted < 1 || wanted > addresses.capacity())) {
                return Reply.failure(Errno.EINVAL);
            }
            if (!show) {
                addresses.limit(wanted);
            }
            return new Reply.One(new Limit(addresses.limit(), addresses.capacity(), addresses.count(),
                    bridge.ageing().full()));
        });
    }

    private static int powerOfTwo(int size) {
        return size <= 1 ? 1 : Integer.highestOneBit(size - 1) << 1;
    }

    private record Times(int size, int interval, int expire, int minPersistence) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Hash size %d\nGC interval %d secs\nGC expire %d secs\nMin persistence %d secs\n"
                    .formatted(size, interval, expire, minPersistence));
        }

        @Override
        public void json(Json json) {
            json.object().member("size", size).member("intervalSeconds", interval).member("expireSeconds", expire)
                    .member("minPersistenceSeconds", minPersistence).endObject();
        }
    }

    private record Limit(int limit, int capacity, int count, long refused) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Limit %d of %d\nAddresses %d\nNot learned %d\n".formatted(limit, capacity, count, refused));
        }

        @Override
        public void json(Json json) {
            json.object().member("limit", limit).member("capacity", capacity).member("addresses", count)
                    .member("notLearned", refused).endObject();
        }
    }
}
