package org.vswitch.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Names of users and groups, from files in the form of passwd(5) and group(5).
///
/// Read at each question, which is rare: the files may change while a switch runs. A file that cannot be read has no
/// entries. Reads files, so not for the data-plane thread.
public final class Accounts {
    private static final int NAME = 0;
    private static final int ID = 2;
    private static final int PRIMARY_GROUP = 3;
    private static final int MEMBERS = 3;

    private final Path users;
    private final Path groups;

    /// The accounts of this machine.
    public Accounts() {
        this(Path.of("/etc/passwd"), Path.of("/etc/group"));
    }

    /// Accounts of other files.
    ///
    /// @param users in the form of passwd(5)
    /// @param groups in the form of group(5)
    public Accounts(Path users, Path groups) {
        this.users = users;
        this.groups = groups;
    }

    /// A user's number.
    ///
    /// @param name a login name
    /// @return empty if there is no such user
    public OptionalInt userId(String name) {
        return number(find(users, fields -> fields[NAME].equals(name)));
    }

    /// A group's number.
    ///
    /// @param name a group's name
    /// @return empty if there is no such group
    public OptionalInt groupId(String name) {
        return number(find(groups, fields -> fields[NAME].equals(name)));
    }

    /// A user's name.
    ///
    /// @param uid a user id
    /// @return the login name, or the number if it has none
    public String userName(int uid) {
        return name(users, uid);
    }

    /// A group's name.
    ///
    /// @param gid a group id
    /// @return its name, or the number if it has none
    public String groupName(int gid) {
        return name(groups, gid);
    }

    /// Whether a user belongs to a group, be it the primary one or by the group's list of members.
    ///
    /// @param uid a user id
    /// @param gid a group id
    /// @return false for users without account
    public boolean isMember(int uid, int gid) {
        Optional<String[]> user = find(users, fields -> fields[ID].equals(Integer.toUnsignedString(uid)));
        if (user.isEmpty()) {
            return false;
        }
        String group = Integer.toUnsignedString(gid);
        String name = user.get()[NAME];
        return user.get()[PRIMARY_GROUP].equals(group)
                || find(groups, fields -> fields[ID].equals(group) && lists(fields, name)).isPresent();
    }

    /// The groups a user belongs to, the primary one and those that list him.
    ///
    /// @param uid a user id
    /// @return group ids; none for users without account
    public Set<Integer> groupsOf(int uid) {
        Set<Integer> numbers = new HashSet<>();
        find(users, fields -> fields[ID].equals(Integer.toUnsignedString(uid))).ifPresent(user -> {
            if (user[PRIMARY_GROUP].matches("\\d{1,9}")) {
                numbers.add(Integer.parseUnsignedInt(user[PRIMARY_GROUP]));
            }
            entries(groups).filter(group -> lists(group, user[NAME]))
                    .forEach(group -> numbers.add(Integer.parseUnsignedInt(group[ID])));
        });
        return numbers;
    }

    private static boolean lists(String[] group, String name) {
        return List.of(group[MEMBERS].split(",")).contains(name);
    }

    private static String name(Path file, int id) {
        String number = Integer.toUnsignedString(id);
        return find(file, fields -> fields[ID].equals(number)).map(fields -> fields[NAME]).orElse(number);
    }

    private static OptionalInt number(Optional<String[]> fields) {
        return fields.isEmpty() ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseUnsignedInt(fields.get()[ID]));
    }

    private static Optional<String[]> find(Path file, Predicate<String[]> wanted) {
        return entries(file).filter(wanted).findFirst();
    }

    private static Stream<String[]> entries(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            return Stream.empty();
        }
        return lines.stream().map(line -> line.split(":", -1))
                .filter(fields -> fields.length > MEMBERS && fields[ID].matches("\\d{1,9}|[1-4]\\d{9}"))
                .filter(fields -> Long.parseLong(fields[ID]) <= 0xffff_ffffL);
    }
}
