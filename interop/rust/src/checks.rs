//! Whether more than ping works on a connection.

use std::future::Future;

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt, future::try_join};
use libp2p::{PeerId, StreamProtocol, identify};
use libp2p_stream::Control;
use serde_json::{Value, json};

use crate::{Result, perf};

const ECHO: StreamProtocol = StreamProtocol::new("/echo/1.0.0");
const ECHO_BYTES: usize = 1 << 20;
const PERF_BYTES: u64 = 8 << 20;

/// What this node saw of the connection and what works on it: a value or `{"error": "..."}` for each. rust-libp2p does not
/// tell which security and which muxer a connection has.
pub async fn run(control: Control, remote: PeerId, info: Box<identify::Info>) -> Value {
    let protocols: Vec<_> = info.protocols.iter().map(ToString::to_string).collect();
    json!({
        "connection": { "remoteKey": info.public_key.key_type().to_string().to_lowercase() },
        "identify": { "agent": info.agent_version, "protocols": protocols },
        "echo": outcome(echo(control.clone(), remote)).await,
        "upload": outcome(perf::measure(control.clone(), remote, PERF_BYTES, 0)).await,
        "download": outcome(perf::measure(control, remote, 0, PERF_BYTES)).await,
    })
}

async fn outcome(bytes: impl Future<Output = Result<u64>>) -> Value {
    match bytes.await {
        Ok(bytes) => json!(bytes),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

async fn echo(mut control: Control, remote: PeerId) -> Result<u64> {
    let (mut from, mut to) = control.open_stream(remote, ECHO).await?.split();
    // never the same twice within a frame
    let sent: Vec<u8> = (0..ECHO_BYTES as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut received = Vec::new();
    let writing = async {
        to.write_all(&sent).await?;
        to.close().await
    };
    try_join(writing, from.read_to_end(&mut received)).await?;
    if received != sent {
        return Err(format!("{} bytes came back, not those that were sent", received.len()).into());
    }
    Ok(received.len() as u64)
}

pub fn serve(mut control: Control) -> Result<()> {
    let mut incoming = control.accept(ECHO)?;
    tokio::spawn(async move {
        while let Some((_, stream)) = incoming.next().await {
            tokio::spawn(async move {
                let (from, mut to) = stream.split();
                futures::io::copy(from, &mut to).await?;
                to.close().await
            });
        }
    });
    Ok(())
}
