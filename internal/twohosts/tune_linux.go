package twohosts

import (
	"errors"
	"os"
	"path/filepath"

	"tcpviz/internal/lang"
)

// tune writes a setting of the calling thread's namespace. An older kernel may not
// know it, and a container may forbid it.
func tune(name, value string) error {
	if !filepath.IsLocal(name) {
		return lang.Errorf("%q is no setting below /proc/sys/net", name)
	}
	file, err := os.OpenFile(filepath.Join("/proc/sys/net", name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(value)
	return errors.Join(err, file.Close())
}
