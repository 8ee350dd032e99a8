// Command yaml-diff prints what the Kubernetes readers make of YAML and JSON files.
//
// It reads file paths on standard input, one a line, and prints for each one line of JSON:
//
//	{"path": "…", "documents": [ {"json": …} | {"error": "…"}, … ]}
//
// Documents are split and decoded by the reader kubectl uses; empty documents are left out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type document struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

type result struct {
	Path      string     `json:"path"`
	Documents []document `json:"documents"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "yaml-diff:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	paths := bufio.NewScanner(in)
	for paths.Scan() {
		content, err := os.ReadFile(paths.Text())
		if err != nil {
			return err
		}
		if err := encoder.Encode(result{Path: paths.Text(), Documents: read(content)}); err != nil {
			return err
		}
	}
	if err := paths.Err(); err != nil {
		return err
	}
	return buffered.Flush()
}

// read tries a stream of JSON values first, as kubectl does for what begins with a brace.
func read(content []byte) []document {
	if utilyaml.IsJSONBuffer(content) {
		if documents, err := readJSON(content); err == nil {
			return documents
		}
	}
	return readYAML(content)
}

func readJSON(content []byte) ([]document, error) {
	documents := []document{}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	for {
		var value any
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return documents, nil
		} else if err != nil {
			return nil, err
		}
		documents = appendValue(documents, value)
	}
}

func readYAML(content []byte) []document {
	documents := []document{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		chunk, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			documents = append(documents, document{Error: err.Error()})
			continue
		}
		converted, err := yaml.YAMLToJSON(chunk)
		if err != nil {
			documents = append(documents, document{Error: err.Error()})
			continue
		}
		documents = appendJSON(documents, converted)
	}
}

func appendValue(documents []document, value any) []document {
	encoded, err := json.Marshal(value)
	if err != nil {
		return append(documents, document{Error: err.Error()})
	}
	return appendJSON(documents, encoded)
}

func appendJSON(documents []document, encoded []byte) []document {
	if string(encoded) == "null" {
		return documents
	}
	return append(documents, document{JSON: encoded})
}
