//! The node that the environment describes, with our protocols on it.

use std::time::Duration;

use futures::StreamExt;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::swarm::{NetworkBehaviour, Swarm, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Transport, identify, noise, ping, plaintext, tcp, tls, yamux};
use libp2p_stream as stream;
use rsa::pkcs8::EncodePrivateKey;
use tokio::sync::mpsc;

use crate::{Result, checks, perf, variable};

#[derive(NetworkBehaviour)]
struct Behaviour {
    ping: ping::Behaviour,
    identify: identify::Behaviour,
    stream: stream::Behaviour,
}

pub struct Node {
    pub id: PeerId,
    /// Opens streams, after `run` too.
    pub control: stream::Control,
    swarm: Swarm<Behaviour>,
}

/// What happens on a running node.
pub enum Seen {
    Listening(Multiaddr),
    Connected,
    Ping(Duration),
    Identified(Box<identify::Info>),
    Failed(String),
}

impl Node {
    pub fn new(key: Keypair) -> Result<Self> {
        let identify = identify::Config::new("ipfs/0.1.0".into(), key.public()).with_agent_version("rust-peer".into());
        let behaviour = Behaviour {
            ping: ping::Behaviour::new(ping::Config::new()),
            identify: identify::Behaviour::new(identify),
            stream: stream::Behaviour::new(),
        };
        let control = behaviour.stream.new_control();
        let id = key.public().to_peer_id();
        let config = libp2p::swarm::Config::with_tokio_executor().with_idle_connection_timeout(Duration::from_secs(60));
        let swarm = Swarm::new(transport(&key)?, behaviour, id, config);
        checks::serve(control.clone())?;
        perf::serve(control.clone())?;
        Ok(Self { id, control, swarm })
    }

    pub fn listen(&mut self, addr: Multiaddr) -> Result<()> {
        self.swarm.listen_on(addr)?;
        Ok(())
    }

    pub fn dial(&mut self, addr: Multiaddr) -> Result<()> {
        Ok(self.swarm.dial(addr)?)
    }

    /// Keeps the node going for the rest of the process.
    pub fn run(mut self) -> mpsc::UnboundedReceiver<Seen> {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                if let Some(seen) = seen_in(self.swarm.select_next_some().await) {
                    // whoever has seen enough drops the receiver
                    let _ = sender.send(seen);
                }
            }
        });
        receiver
    }
}

fn seen_in(event: SwarmEvent<BehaviourEvent>) -> Option<Seen> {
    match event {
        SwarmEvent::NewListenAddr { address, .. } => Some(Seen::Listening(address)),
        SwarmEvent::ConnectionEstablished { .. } => Some(Seen::Connected),
        SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { result, .. })) => Some(match result {
            Ok(rtt) => Seen::Ping(rtt),
            Err(error) => Seen::Failed(error.to_string()),
        }),
        SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { info, .. })) => {
            Some(Seen::Identified(Box::new(info)))
        }
        SwarmEvent::OutgoingConnectionError { error, .. } => Some(Seen::Failed(error.to_string())),
        SwarmEvent::ConnectionClosed { cause, .. } => Some(Seen::Failed(format!("connection closed: {cause:?}"))),
        _ => None,
    }
}

fn transport(key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>> {
    if variable("transport", "tcp") != "tcp" {
        return Err("transport is not one of tcp".into());
    }
    // Each pair has types of its own, so that this is a macro.
    macro_rules! stack {
        ($security:expr, $muxer:expr) => {
            Ok(tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
                .upgrade(Version::V1)
                .authenticate($security)
                .multiplex($muxer)
                .boxed())
        };
    }
    let (security, muxer) = (variable("security", "noise"), variable("muxer", "yamux"));
    match (security.as_str(), muxer.as_str()) {
        ("noise", "yamux") => stack!(noise::Config::new(key)?, yamux::Config::default()),
        ("noise", "mplex") => stack!(noise::Config::new(key)?, libp2p_mplex::Config::new()),
        ("tls", "yamux") => stack!(tls::Config::new(key)?, yamux::Config::default()),
        ("tls", "mplex") => stack!(tls::Config::new(key)?, libp2p_mplex::Config::new()),
        ("plaintext", "yamux") => stack!(plaintext::Config::new(key), yamux::Config::default()),
        ("plaintext", "mplex") => stack!(plaintext::Config::new(key), libp2p_mplex::Config::new()),
        _ => Err("security is not one of noise, tls, plaintext, or muxer not one of yamux, mplex".into()),
    }
}

pub fn new_key(kind: &str) -> Result<Keypair> {
    const RSA_BITS: usize = 2048;
    match kind {
        "ed25519" => Ok(Keypair::generate_ed25519()),
        "secp256k1" => Ok(Keypair::generate_secp256k1()),
        "ecdsa" => Ok(Keypair::generate_ecdsa()),
        // rust-libp2p reads RSA keys and makes none
        "rsa" => {
            let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS)?;
            Ok(Keypair::rsa_from_pkcs8(&mut key.to_pkcs8_der()?.as_bytes().to_vec())?)
        }
        _ => Err("identity is not one of ed25519, rsa, secp256k1, ecdsa".into()),
    }
}
