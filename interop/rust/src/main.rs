//! A rust-libp2p node behind the conventions of libp2p/test-plans (../README.md, "Foreign peers").

mod checks;
mod node;
mod perf;

use std::env;
use std::error::Error;
use std::time::{Duration, Instant};

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use redis::Commands;
use serde_json::json;

use node::{Node, Seen};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const ADDRESS_LIST: &str = "listenerAddr";

#[tokio::main]
async fn main() -> Result<()> {
    if env::args().len() > 1 {
        return perf::run().await;
    }
    let limit = Duration::from_secs(variable("test_timeout_seconds", "180").parse()?);
    let redis = redis::Client::open(format!("redis://{}/", variable("redis_addr", "redis:6379")))?;
    let list = redis.get_connection()?;
    if variable("is_dialer", "false") == "true" {
        tokio::time::timeout(limit, dial(list, limit)).await?
    } else {
        tokio::time::timeout(limit, listen(list)).await?
    }
}

async fn listen(mut list: redis::Connection) -> Result<()> {
    let mut node = Node::new(node::new_key(&variable("identity", "ed25519"))?)?;
    let any_port = format!("/ip4/{}/tcp/0", variable("ip", "0.0.0.0")).parse()?;
    let id = node.id;
    node.listen(any_port)?;
    let mut seen = node.run();
    while let Some(event) = seen.recv().await {
        if let Seen::Listening(addr) = event {
            let _: usize = list.rpush(ADDRESS_LIST, format!("{addr}/p2p/{id}"))?;
        }
    }
    Ok(())
}

async fn dial(mut list: redis::Connection, limit: Duration) -> Result<()> {
    let mut node = Node::new(node::new_key(&variable("identity", "ed25519"))?)?;
    let (_, addr): (String, String) = list.blpop(ADDRESS_LIST, limit.as_secs_f64())?;
    let addr: Multiaddr = addr.parse()?;
    let remote = peer_of(&addr)?;
    let with_checks = variable("checks", "false") == "true";

    let start = Instant::now();
    let control = node.control.clone();
    node.dial(addr)?;
    let mut seen = node.run();
    let mut ping = None;
    let mut identified = None;
    while ping.is_none() || (with_checks && identified.is_none()) {
        match seen.recv().await.ok_or("the node ended")? {
            Seen::Ping(rtt) if ping.is_none() => ping = Some((rtt, start.elapsed())),
            Seen::Identified(info) => identified = Some(info),
            Seen::Failed(reason) => return Err(reason.into()),
            _ => {}
        }
    }
    let (rtt, handshake) = ping.ok_or("no ping")?;
    let mut report = json!({
        "handshakePlusOneRTTMillis": milliseconds(handshake),
        "pingRTTMilllis": milliseconds(rtt),
    });
    if let (true, Some(info)) = (with_checks, identified) {
        report["checks"] = checks::run(control, remote, info).await;
    }
    println!("{report}");
    Ok(())
}

fn peer_of(addr: &Multiaddr) -> Result<PeerId> {
    match addr.iter().last() {
        Some(Protocol::P2p(id)) => Ok(id),
        _ => Err(format!("{addr} ends with no peer id").into()),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn variable(name: &str, otherwise: &str) -> String {
    env::var(name).unwrap_or_else(|_| otherwise.into())
}
