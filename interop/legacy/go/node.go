package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/moby/spdystream"
)

const (
	plaintext = "/plaintext/1.0.0"
	spdy      = "/spdy/3.1.0"
	// Nothing proves who a peer is, so any id will do.
	peerID = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
)

type node struct {
	listener net.Listener
	dialed   *spdystream.Connection
	open     atomic.Int64
	mutex    sync.Mutex
	outcomes map[string]chan any
}

func newNode() (*node, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &node{listener: listener, outcomes: map[string]chan any{}}
	go n.serve()
	return n, nil
}

func (n *node) serve() {
	for {
		conn, err := n.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			if _, err := n.upgrade(conn, true); err != nil {
				conn.Close()
			}
		}()
	}
}

func (n *node) dial(addr string) (*spdystream.Connection, error) {
	// /ip4/127.0.0.1/tcp/4001/p2p/...
	parts := strings.Split(addr, "/")
	if len(parts) < 5 {
		return nil, fmt.Errorf("%s is no address of TCP", addr)
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(parts[2], parts[4]))
	if err != nil {
		return nil, err
	}
	return n.upgrade(conn, false)
}

func (n *node) upgrade(conn net.Conn, server bool) (*spdystream.Connection, error) {
	for _, protocol := range []string{plaintext, spdy} {
		var err error
		if server {
			_, err = accept(conn, protocol)
		} else {
			err = propose(conn, protocol)
		}
		if err != nil {
			return nil, err
		}
	}
	session, err := spdystream.NewConnection(conn, server)
	if err != nil {
		return nil, err
	}
	n.open.Add(1)
	go func() {
		session.Serve(func(stream *spdystream.Stream) {
			stream.SendReply(http.Header{":status": {"200"}}, false)
			go n.handle(stream)
		})
		conn.Close()
		n.open.Add(-1)
	}()
	return session, nil
}

func (n *node) newStream(protocol string) (*spdystream.Stream, error) {
	if n.dialed == nil {
		return nil, errors.New("nothing is dialed")
	}
	stream, err := n.dialed.CreateStream(http.Header{":method": {"POST"}, ":path": {"/"}}, nil, false)
	if err != nil {
		return nil, err
	}
	// It drops what comes before the answer.
	if err := stream.Wait(); err != nil {
		return nil, err
	}
	return stream, propose(stream, protocol)
}

// outcome is where a handler leaves how its stream ended.
func (n *node) outcome(protocol string) chan any {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.outcomes[protocol] == nil {
		n.outcomes[protocol] = make(chan any, 16)
	}
	return n.outcomes[protocol]
}

func (n *node) addr() string {
	return fmt.Sprintf("/ip4/127.0.0.1/tcp/%d/p2p/%s", n.listener.Addr().(*net.TCPAddr).Port, peerID)
}

func lastPart(addr string) string {
	return addr[strings.LastIndex(addr, "/")+1:]
}
