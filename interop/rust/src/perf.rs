//! specs/perf: the client sends how many bytes it wants as a u64, big-endian, then its own bytes until it closes its side;
//! the server sends what was asked for.

use std::env;
use std::time::Instant;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId, StreamProtocol};
use libp2p_stream::Control;
use serde_json::json;

use crate::node::{Node, Seen, new_key};
use crate::{Result, variable};

const PERF: StreamProtocol = StreamProtocol::new("/perf/1.0.0");
static BLOCK: [u8; 65_536] = [0; 65_536];

/// The perf convention: flags in, JSON lines out.
pub async fn run() -> Result<()> {
    // The server's key is that of a seed of zeros, so that clients know its id beforehand.
    let server_key = Keypair::ed25519_from_bytes([0; 32])?;
    let (ip, port) = flag("--server-address")
        .and_then(|value| {
            value
                .rsplit_once(':')
                .map(|(ip, port)| (ip.to_owned(), port.to_owned()))
        })
        .ok_or("no --server-address host:port")?;
    let addr: Multiaddr = format!("/ip4/{ip}/tcp/{port}").parse()?;
    if env::args().any(|arg| arg == "--run-server") {
        let mut node = Node::new(server_key)?;
        node.listen(addr)?;
        let mut seen = node.run();
        while seen.recv().await.is_some() {}
        return Ok(());
    }

    let number = |name| flag(name).map_or(Ok(0), |value| value.parse::<u64>());
    let (upload, download) = (number("--upload-bytes")?, number("--download-bytes")?);
    let remote = server_key.public().to_peer_id();
    let mut node = Node::new(new_key(&variable("identity", "ed25519"))?)?;
    let control = node.control.clone();
    let start = Instant::now();
    node.dial(
        addr.with_p2p(remote)
            .map_err(|addr| format!("{addr} has another peer id"))?,
    )?;
    let mut seen = node.run();
    match seen.recv().await {
        Some(Seen::Failed(reason)) => return Err(reason.into()),
        None => return Err("the node ended".into()),
        _ => measure(control, remote, upload, download).await?,
    };
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({ "type": "final", "timeSeconds": seconds, "uploadBytes": upload, "downloadBytes": download })
    );
    Ok(())
}

fn flag(name: &str) -> Option<String> {
    let mut args = env::args().skip_while(|arg| arg != name);
    args.next()?;
    args.next()
}

/// Resolves with the bytes that went in both directions.
pub async fn measure(mut control: Control, remote: PeerId, upload: u64, download: u64) -> Result<u64> {
    let mut stream = control.open_stream(remote, PERF).await?;
    stream.write_all(&download.to_be_bytes()).await?;
    send_zeros(&mut stream, upload).await?;
    stream.close().await?;
    let received = drain(&mut stream).await?;
    if received != download {
        return Err(format!("{received} bytes came of {download}").into());
    }
    Ok(upload + download)
}

pub fn serve(mut control: Control) -> Result<()> {
    let mut incoming = control.accept(PERF)?;
    tokio::spawn(async move {
        while let Some((_, mut stream)) = incoming.next().await {
            tokio::spawn(async move {
                let mut request = [0; 8];
                stream.read_exact(&mut request).await?;
                drain(&mut stream).await?;
                send_zeros(&mut stream, u64::from_be_bytes(request)).await?;
                stream.close().await
            });
        }
    });
    Ok(())
}

async fn send_zeros(to: &mut (impl AsyncWrite + Unpin), mut count: u64) -> std::io::Result<()> {
    while count > 0 {
        let size = count.min(BLOCK.len() as u64);
        to.write_all(&BLOCK[..size as usize]).await?;
        count -= size;
    }
    Ok(())
}

async fn drain(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<u64> {
    let mut block = vec![0; BLOCK.len()];
    let mut received = 0;
    loop {
        match from.read(&mut block).await? {
            0 => return Ok(received),
            size => received += size as u64,
        }
    }
}
