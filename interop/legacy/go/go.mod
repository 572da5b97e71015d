module spdy-peer

go 1.26.0

require github.com/moby/spdystream v0.2.0
