// Packs Debian's upstream tarballs as a Go module proxy keeps modules: go run pack.go TARBALLS PROXY.
package main

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// What Debian calls it, and the version as Go spells it.
var modules = map[string][2]string{
	"golang-github-lib-pq":              {"github.com/lib/pq", "v1.10.9"},
	"golang-github-gomodule-redigo":     {"github.com/gomodule/redigo", "v1.9.2"},
	"golang-github-rabbitmq-amqp091-go": {"github.com/rabbitmq/amqp091-go", "v1.10.0"},
}

func main() {
	tarballs, err := filepath.Glob(filepath.Join(os.Args[1], "*.orig.tar.*"))
	must(err)
	for _, tarball := range tarballs {
		name := regexp.MustCompile(`_.*`).ReplaceAllString(filepath.Base(tarball), "")
		module, known := modules[name]
		if !known {
			panic("no module is known for " + tarball)
		}
		folder, err := os.MkdirTemp("", "module")
		must(err)
		out, err := exec.Command("tar", "--extract", "--strip-components=1", "--directory="+folder, "--file="+tarball).CombinedOutput()
		if err != nil {
			panic(string(out))
		}
		pack(folder, filepath.Join(os.Args[2], module[0], "@v"), module[0], module[1])
		fmt.Println(module[0], module[1])
	}
}

func pack(folder, target, module, version string) {
	must(os.MkdirAll(target, 0o755))
	manifest, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	must(err)
	must(os.WriteFile(filepath.Join(target, version+".mod"), manifest, 0o644))
	must(os.WriteFile(filepath.Join(target, version+".info"), []byte(`{"Version":"`+version+`"}`), 0o644))
	file, err := os.Create(filepath.Join(target, version+".zip"))
	must(err)
	archive := zip.NewWriter(file)
	must(filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		must(err)
		relative, _ := filepath.Rel(folder, path)
		if entry.IsDir() {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if relative != "." && (nested == nil || entry.Name() == "vendor" || entry.Name() == ".git") {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		to, err := archive.Create(module + "@" + version + "/" + strings.ReplaceAll(relative, string(filepath.Separator), "/"))
		must(err)
		from, err := os.Open(path)
		must(err)
		defer from.Close()
		_, err = io.Copy(to, from)
		return err
	}))
	must(archive.Close())
	must(file.Close())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
