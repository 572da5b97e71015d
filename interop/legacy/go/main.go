// A peer of the time before SECIO: Go's spdystream over /plaintext/1.0.0, driven by JSON lines (../../README.md, "Peer protocol").
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

type request struct {
	ID     int    `json:"id"`
	Method string `json:"method"`
	Params struct {
		Addr     string `json:"addr"`
		Bytes    int    `json:"bytes"`
		Protocol string `json:"protocol"`
	} `json:"params"`
}

type failure struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

func main() {
	peer, err := newNode()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mutex sync.Mutex
	answer := func(message any) {
		mutex.Lock()
		defer mutex.Unlock()
		line, _ := json.Marshal(message)
		fmt.Println(string(line))
	}
	// A request may wait for what the next one brings about.
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go func() {
			result, err := peer.call(asked)
			if err == nil {
				answer(map[string]any{"id": asked.ID, "result": result})
			} else {
				answer(map[string]any{"id": asked.ID, "error": failure{"Error", err.Error()}})
			}
		}()
	}
}
