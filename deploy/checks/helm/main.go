// Renders the templates of a chart as Helm does: with Go's text/template and the functions of sprig, of which Helm's own are an
// extension that this chart does not use. For machines without Helm.
//
//	main TEMPLATES < {"Values": …, "Chart": …}
//
// Prints each template that is not empty after a line "# Source: FILE".
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
)

func main() {
	log.SetFlags(0)
	var context map[string]interface{}
	if err := json.NewDecoder(os.Stdin).Decode(&context); err != nil {
		log.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.yaml"))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		// Helm, too, renders a value that is missing as nothing, but we want to know.
		parsed, err := template.New(filepath.Base(file)).Funcs(sprig.TxtFuncMap()).Option("missingkey=error").Parse(string(text))
		if err != nil {
			log.Fatal(err)
		}
		var rendered strings.Builder
		if err := parsed.Execute(&rendered, context); err != nil {
			log.Fatal(err)
		}
		if strings.TrimSpace(rendered.String()) != "" {
			fmt.Printf("# Source: %s\n%s", filepath.Base(file), rendered.String())
		}
	}
}
