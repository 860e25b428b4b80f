// Package kernel holds what tcpviz asks of the Linux kernel beside socket calls:
// OS threads that enter a network namespace and are thrown away, and the states of
// its TCP sockets (INET_DIAG, sock_diag(7)). On other systems it is empty.
package kernel
