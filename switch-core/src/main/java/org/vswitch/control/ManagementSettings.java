package org.vswitch.control;

/// Where consoles connect, and who may. Port 0, meant for management clients, has the same permissions.
///
/// @param path of the socket
/// @param permissions of the socket
public record ManagementSettings(String path, SocketPermissions permissions) {
}
