package org.vswitch.link.vhost;

/// What makes a ring unusable until the guest sets it up anew. Each is something that no driver does.
enum RingFault {
    /// The available index is further ahead than there are descriptors.
    AVAILABLE_INDEX("its available index runs more than a ring ahead"),
    /// An entry of the available ring, or a next field, is no descriptor of the table.
    DESCRIPTOR_INDEX("it names a descriptor that there is not"),
    /// A chain has more descriptors than the ring, as a loop has.
    LOOP("a chain is longer than the ring"),
    /// A buffer or table does not lie in the guest's memory.
    ADDRESS("an address is outside of the guest's memory"),
    /// A descriptor describes no byte.
    EMPTY("a descriptor is empty"),
    /// A buffer for the device to write where it reads, or the other way round.
    DIRECTION("a buffer is for the other direction"),
    /// A table within a table, or one of no whole number of descriptors, or too many, or none was agreed upon.
    INDIRECT("an indirect table is malformed"),
    /// A chain does not hold the header of a frame.
    HEADER("a chain is shorter than a frame's header"),
    /// A chain consists of more stretches of memory than any driver's.
    SCATTERED("a chain is scattered too widely"),
    /// The ring does not lie in the memory that replaced the former one.
    MOVED("it does not lie in the guest's new memory");

    private final String text;

    RingFault(String text) {
        this.text = text;
    }

    /// For people.
    ///
    /// @return what is wrong, to be put behind the ring's name
    String text() {
        return text;
    }
}
