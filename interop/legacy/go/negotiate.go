package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

const multistream = "/multistream/1.0.0"

// propose agrees on a protocol as the side that opened the connection or stream.
func propose(conn io.ReadWriter, protocol string) error {
	if err := writeLine(conn, multistream); err != nil {
		return err
	}
	if err := writeLine(conn, protocol); err != nil {
		return err
	}
	for _, expected := range []string{multistream, protocol} {
		if line, err := readLine(conn); err != nil || line != expected {
			return fmt.Errorf("%s was answered by %q, %v", expected, line, err)
		}
	}
	return nil
}

// accept agrees on one of the protocols as the other side.
func accept(conn io.ReadWriter, protocols ...string) (string, error) {
	if err := writeLine(conn, multistream); err != nil {
		return "", err
	}
	for {
		line, err := readLine(conn)
		if err != nil {
			return "", err
		}
		if line == multistream {
			continue
		}
		if slices.Contains(protocols, line) {
			return line, writeLine(conn, line)
		}
		if err := writeLine(conn, "na"); err != nil {
			return "", err
		}
	}
}

func writeLine(conn io.Writer, text string) error {
	line := binary.AppendUvarint(nil, uint64(len(text)+1))
	_, err := conn.Write(append(line, text+"\n"...))
	return err
}

// readLine takes no byte of what is behind the line: that belongs to the next layer.
func readLine(conn io.Reader) (string, error) {
	length, err := binary.ReadUvarint(oneByOne{conn})
	if err != nil {
		return "", err
	}
	if length == 0 || length > 1024 {
		return "", fmt.Errorf("a line of %d bytes", length)
	}
	line := make([]byte, length)
	_, err = io.ReadFull(conn, line)
	return string(line[:length-1]), err
}

type oneByOne struct{ io.Reader }

func (from oneByOne) ReadByte() (byte, error) {
	var one [1]byte
	_, err := io.ReadFull(from, one[:])
	return one[0], err
}
