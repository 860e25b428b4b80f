package preferences_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/preferences"
)

// chosen are preferences.
type chosen struct {
	Code    string `json:"code,omitempty"`
	Theme   string `json:"theme,omitempty"`
	Large   bool   `json:"large,omitempty"`
	Greeted bool   `json:"greeted,omitempty"`
}

// home gives the test a home of its own, and the path of the file in it.
func home(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("HOME", folder)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(folder, "configurations"))
	t.Setenv("AppData", filepath.Join(folder, "configurations"))
	dir, err := os.UserConfigDir()
	if err != nil {
		t.Skip(err)
	}
	return filepath.Join(dir, "tcpviz", "preferences.json")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		want    chosen
		damaged bool
	}{
		"whole":             {`{"code":"go","theme":"dark","large":true,"greeted":true}`, chosen{Code: "go", Theme: "dark", Large: true, Greeted: true}, false},
		"in part":           {`{"greeted":true}`, chosen{Greeted: true}, false},
		"of a later tcpviz": {`{"theme":"light","sound":["loud"]}`, chosen{Theme: "light"}, false},
		"empty":             {"", chosen{}, true},
		"no JSON":           {"theme = dark\n", chosen{}, true},
		"cut off":           {`{"theme":"dark","gree`, chosen{}, true},
		"another type":      {`{"theme":7}`, chosen{}, true},
		"another value":     {`[1,2]`, chosen{}, true},
		"endless":           {`{"theme":"` + strings.Repeat("x", 1<<20), chosen{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := home(t)
			put(t, path, test.text)
			f := preferences.Open[chosen]()
			got, err := f.Load()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var damaged *preferences.DamagedError
			if is := errors.As(err, &damaged); is != test.damaged {
				t.Fatalf("error %v", err)
			}
			if damaged != nil && (damaged.Path != path || !strings.Contains(err.Error(), path)) {
				t.Errorf("the error does not name the file: %v", err)
			}
			// What is chosen then is kept, whatever was there.
			want := got
			want.Theme = "high-contrast"
			if err := f.Save(want); err != nil {
				t.Fatal(err)
			}
			if got, err := preferences.Open[chosen]().Load(); got != want || err != nil {
				t.Errorf("kept %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

// Without a file everything is as at the first time, and nothing is written for it.
func TestNoFile(t *testing.T) {
	path := home(t)
	if p, err := preferences.Open[chosen]().Load(); p != (chosen{}) || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("reading makes a folder")
	}
}

func TestSaveOnlyWhatChanged(t *testing.T) {
	path := home(t)
	f := preferences.Open[chosen]()
	p := chosen{Theme: "dark"}
	if err := f.Save(p); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(p); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the same preferences were written again")
	}
	p.Large = true
	if err := f.Save(p); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != "preferences.json" {
		t.Errorf("in the folder: %v, %v", entries, err)
	}
}

// Where there is no home, or nothing can be written there, there is no harm.
func TestNowhereToWrite(t *testing.T) {
	t.Run("no home", func(t *testing.T) {
		for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData", "home"} {
			t.Setenv(name, "")
		}
		f := preferences.Open[chosen]()
		p, err := f.Load()
		if p != (chosen{}) || err != nil {
			t.Errorf("%+v, %v", p, err)
		}
		if err := f.Save(chosen{Large: true}); err != nil {
			t.Error(err)
		}
	})
	t.Run("a home that is not there", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "nobody")
		t.Setenv("HOME", folder)
		t.Setenv("XDG_CONFIG_HOME", "")
		t.Setenv("AppData", filepath.Join(folder, "configurations"))
		if err := preferences.Open[chosen]().Save(chosen{Large: true}); err == nil {
			t.Error("no error")
		}
		if _, err := os.Stat(folder); err == nil {
			t.Error("a home was made")
		}
	})
	t.Run("a file in the way", func(t *testing.T) {
		path := home(t)
		put(t, filepath.Dir(path), "in the way")
		f := preferences.Open[chosen]()
		if p, err := f.Load(); p != (chosen{}) || err != nil {
			t.Errorf("%+v, %v", p, err)
		}
		if err := f.Save(chosen{Large: true}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a folder in its place", func(t *testing.T) {
		path := home(t)
		put(t, filepath.Join(path, "inside"), "x")
		f := preferences.Open[chosen]()
		if p, err := f.Load(); p != (chosen{}) || err != nil {
			t.Errorf("%+v, %v", p, err)
		}
		if err := f.Save(chosen{Large: true}); err == nil {
			t.Error("no error")
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 {
			t.Errorf("left over: %v, %v", entries, err)
		}
	})
}

// Whoever reads while it is written finds whole preferences.
func TestSaveIsAtOnce(t *testing.T) {
	home(t)
	writer, reader := preferences.Open[chosen](), preferences.Open[chosen]()
	if err := writer.Save(chosen{Code: "c"}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		defer close(done)
		for i := range 200 {
			if err := writer.Save(chosen{Code: []string{"python", "php"}[i%2], Theme: "dark"}); err != nil {
				done <- err
				return
			}
		}
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
		if p, err := reader.Load(); err != nil || p.Code == "" {
			t.Fatalf("read %+v, %v", p, err)
		}
	}
}
