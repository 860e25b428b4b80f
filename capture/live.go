package capture

import (
	"net"
	"strings"
)

// LiveConfig says what to capture.
type LiveConfig struct {
	Interface string
	// BufferBytes is the size of the kernel's receive buffer; 0 is 32 MiB. The
	// kernel may give less to a process without CAP_NET_ADMIN.
	BufferBytes int
}

const defaultBuffer = 32 << 20

// Interfaces gives the names of the interfaces of the calling thread's network namespace.
func Interfaces() ([]string, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, errorf("capture: list interfaces: %w", err)
	}
	var names []string
	for _, i := range all {
		names = append(names, i.Name)
	}
	return names, nil
}

// interfaceByName finds an interface, or says which ones there are.
func interfaceByName(name string) (*net.Interface, error) {
	i, err := net.InterfaceByName(name)
	if err == nil {
		return i, nil
	}
	names, err := Interfaces()
	if err != nil {
		return nil, err
	}
	return nil, errorf("capture: %w: %q (there are: %s)", ErrNoInterface, printable(name), strings.Join(names, ", "))
}
