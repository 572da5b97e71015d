// Written by scripts/generate.mjs: name, tag, code in hex, first letter of the status (x: deprecated), description.
export const table: string = `identity,multihash,0,p,raw binary
cidv1,cid,1,p,CIDv1
cidv2,cid,2,d,CIDv2
cidv3,cid,3,d,CIDv3
ip4,multiaddr,4,p
tcp,multiaddr,6,p
sha1,multihash,11,p
sha2-256,multihash,12,p
sha2-512,multihash,13,p
sha3-512,multihash,14,p
sha3-384,multihash,15,p
sha3-256,multihash,16,p
sha3-224,multihash,17,p
shake-128,multihash,18,d
shake-256,multihash,19,d
keccak-224,multihash,1a,d,keccak has variable output length. The number specifies the core length
keccak-256,multihash,1b,d
keccak-384,multihash,1c,d
keccak-512,multihash,1d,d
blake3,multihash,1e,d,BLAKE3 has a default 32 byte output length. The maximum length is (2^64)-1 bytes.
sha2-384,multihash,20,p,aka SHA-384; as specified by FIPS 180-4.
dccp,multiaddr,21,d
murmur3-x64-64,hash,22,p,The first 64-bits of a murmur3-x64-128 - used for UnixFS directory sharding.
murmur3-32,hash,23,d
ip6,multiaddr,29,p
ip6zone,multiaddr,2a,d
ipcidr,multiaddr,2b,d,CIDR mask for IP addresses
path,namespace,2f,p,Namespace for string paths. Corresponds to \`/\` in ASCII.
multicodec,multiformat,30,d
multihash,multiformat,31,d
multiaddr,multiformat,32,d
multibase,multiformat,33,d
varsig,multiformat,34,d,Variable signature (varsig) multiformat
dns,multiaddr,35,p
dns4,multiaddr,36,p
dns6,multiaddr,37,p
dnsaddr,multiaddr,38,p
protobuf,serialization,50,d,Protocol Buffers
cbor,ipld,51,p,CBOR
raw,ipld,55,p,raw binary
dbl-sha2-256,multihash,56,d
rlp,serialization,60,d,recursive length prefix
bencode,serialization,63,d,bencode
dag-pb,ipld,70,p,MerkleDAG protobuf
dag-cbor,ipld,71,p,MerkleDAG cbor
libp2p-key,ipld,72,p,Libp2p Public Key
git-raw,ipld,78,p,Raw Git object
torrent-info,ipld,7b,d,Torrent file info field (bencoded)
torrent-file,ipld,7c,d,Torrent file (bencoded)
blake3-hashseq,ipld,80,d,BLAKE3 hash sequence - per Iroh collections spec
leofcoin-block,ipld,81,d,Leofcoin Block
leofcoin-tx,ipld,82,d,Leofcoin Transaction
leofcoin-pr,ipld,83,d,Leofcoin Peer Reputation
sctp,multiaddr,84,d
dag-jose,ipld,85,d,MerkleDAG JOSE
dag-cose,ipld,86,d,MerkleDAG COSE
lbry,namespace,8c,d,LBRY Address
eth-block,ipld,90,p,Ethereum Header (RLP)
eth-block-list,ipld,91,p,Ethereum Header List (RLP)
eth-tx-trie,ipld,92,p,Ethereum Transaction Trie (Eth-Trie)
eth-tx,ipld,93,p,Ethereum Transaction (MarshalBinary)
eth-tx-receipt-trie,ipld,94,p,Ethereum Transaction Receipt Trie (Eth-Trie)
eth-tx-receipt,ipld,95,p,Ethereum Transaction Receipt (MarshalBinary)
eth-state-trie,ipld,96,p,Ethereum State Trie (Eth-Secure-Trie)
eth-account-snapshot,ipld,97,p,Ethereum Account Snapshot (RLP)
eth-storage-trie,ipld,98,p,Ethereum Contract Storage Trie (Eth-Secure-Trie)
eth-receipt-log-trie,ipld,99,d,Ethereum Transaction Receipt Log Trie (Eth-Trie)
eth-receipt-log,ipld,9a,d,Ethereum Transaction Receipt Log (RLP)
aes-128,key,a0,d,128-bit AES symmetric key
aes-192,key,a1,d,192-bit AES symmetric key
aes-256,key,a2,d,256-bit AES symmetric key
chacha-128,key,a3,d,128-bit ChaCha symmetric key
chacha-256,key,a4,d,256-bit ChaCha symmetric key
bitcoin-block,ipld,b0,p,Bitcoin Block
bitcoin-tx,ipld,b1,p,Bitcoin Tx
bitcoin-witness-commitment,ipld,b2,p,Bitcoin Witness Commitment
zcash-block,ipld,c0,p,Zcash Block
zcash-tx,ipld,c1,p,Zcash Tx
caip-50,multiformat,ca,d,CAIP-50 multi-chain account ID
streamid,namespace,ce,d,Ceramic Stream ID
stellar-block,ipld,d0,d,Stellar Block
stellar-tx,ipld,d1,d,Stellar Tx
md4,multihash,d4,d
md5,multihash,d5,d
decred-block,ipld,e0,d,Decred Block
decred-tx,ipld,e1,d,Decred Tx
ipld,namespace,e2,d,IPLD path
ipfs,namespace,e3,d,IPFS path
swarm,namespace,e4,d,Swarm path
ipns,namespace,e5,d,IPNS path
zeronet,namespace,e6,d,ZeroNet site address
secp256k1-pub,key,e7,d,Secp256k1 public key (compressed)
dnslink,namespace,e8,p,DNSLink path
bls12_381-g1-pub,key,ea,d,BLS12-381 public key in the G1 field
bls12_381-g2-pub,key,eb,d,BLS12-381 public key in the G2 field
x25519-pub,key,ec,d,Curve25519 public key
ed25519-pub,key,ed,d,Ed25519 public key
bls12_381-g1g2-pub,key,ee,d,BLS12-381 concatenated public keys in both the G1 and G2 fields
sr25519-pub,key,ef,d,Sr25519 public key
dash-block,ipld,f0,d,Dash Block
dash-tx,ipld,f1,d,Dash Tx
swarm-manifest,ipld,fa,d,Swarm Manifest
swarm-feed,ipld,fb,d,Swarm Feed
beeson,ipld,fc,d,Swarm BeeSon
udp,multiaddr,111,d
p2p-webrtc-star,multiaddr,113,x,Use webrtc or webrtc-direct instead
p2p-webrtc-direct,multiaddr,114,x,Use webrtc or webrtc-direct instead
p2p-stardust,multiaddr,115,x
webrtc-direct,multiaddr,118,d,ICE-lite webrtc transport with SDP munging during connection establishment and without use of a STUN server
webrtc,multiaddr,119,d,webrtc transport where connection establishment is according to w3c spec
p2p-circuit,multiaddr,122,p
dag-json,ipld,129,p,MerkleDAG json
udt,multiaddr,12d,d
utp,multiaddr,12e,d
crc32,hash,132,d,CRC-32 non-cryptographic hash algorithm (IEEE 802.3)
crc64-ecma,hash,164,d,CRC-64 non-cryptographic hash algorithm (ECMA-182 - Annex B)
crc64-nvme,hash,165,d,CRC-64 checksum based on the NVME polynomial as specified in the NVM Express® NVM Command Set Specification
unix,multiaddr,190,p
thread,multiaddr,196,d,Textile Thread
p2p,multiaddr,1a5,p,libp2p
https,multiaddr,1bb,d
onion,multiaddr,1bc,d
onion3,multiaddr,1bd,d
garlic64,multiaddr,1be,d,I2P base64 (raw public key)
garlic32,multiaddr,1bf,d,I2P base32 (hashed public key or encoded public key/checksum+optional secret)
tls,multiaddr,1c0,d
sni,multiaddr,1c1,d,Server Name Indication RFC 6066 § 3
noise,multiaddr,1c6,d
shs,multiaddr,1c8,d,Secure Scuttlebutt - Secret Handshake Stream
quic,multiaddr,1cc,p
quic-v1,multiaddr,1cd,p
webtransport,multiaddr,1d1,d
certhash,multiaddr,1d2,d,TLS certificate's fingerprint as a multihash
ws,multiaddr,1dd,p
wss,multiaddr,1de,p
p2p-websocket-star,multiaddr,1df,p
http,multiaddr,1e0,d
http-path,multiaddr,1e1,d,Percent-encoded path to an HTTP resource
swhid-1-snp,ipld,1f0,d,SoftWare Heritage persistent IDentifier version 1 snapshot
json,ipld,200,p,JSON (UTF-8-encoded)
messagepack,serialization,201,d,MessagePack
car,serialization,202,d,Content Addressable aRchive (CAR)
x509-certificate,serialization,210,d,DER-encoded X.509 (PKIX) certificate per RFC 5280; single certificate only (no chain); raw DER bytes (not PEM)
ipns-record,serialization,300,p,Signed IPNS Record
libp2p-peer-record,libp2p,301,p,libp2p peer record type
libp2p-relay-rsvp,libp2p,302,p,libp2p relay reservation voucher
memorytransport,libp2p,309,p,in memory transport for self-dialing and testing; arbitrary
car-index-sorted,serialization,400,d,CARv2 IndexSorted index format
car-multihash-index-sorted,serialization,401,d,CARv2 MultihashIndexSorted index format
transport-bitswap,transport,900,d,Bitswap datatransfer
transport-graphsync-filecoinv1,transport,910,d,Filecoin graphsync datatransfer
transport-ipfs-gateway-http,transport,920,d,HTTP IPFS Gateway trustless datatransfer
transport-filecoin-piece-http,transport,930,d,HTTP piece retrieval from Filecoin storage provider; https://github.com/filecoin-project/FIPs/blob/master/FRCs/frc-0066.md
multidid,multiformat,d1d,d,Compact encoding for Decentralized Identifers
fr32-sha256-trunc254-padbintree,multihash,1011,d,A balanced binary tree hash used in Filecoin Piece Commitments as described in FRC-0069
sha2-256-trunc254-padded,multihash,1012,p,SHA2-256 with the two most significant bits from the last byte zeroed (as via a mask with 0b00111111) - used for proving trees as in Filecoin
sha2-224,multihash,1013,p,aka SHA-224; as specified by FIPS 180-4.
sha2-512-224,multihash,1014,p,aka SHA-512/224; as specified by FIPS 180-4.
sha2-512-256,multihash,1015,p,aka SHA-512/256; as specified by FIPS 180-4.
murmur3-x64-128,hash,1022,d
ripemd-128,multihash,1052,d
ripemd-160,multihash,1053,d
ripemd-256,multihash,1054,d
ripemd-320,multihash,1055,d
x11,multihash,1100,d
p256-pub,key,1200,d,P-256 public Key (compressed)
p384-pub,key,1201,d,P-384 public Key (compressed)
p521-pub,key,1202,d,P-521 public Key (compressed)
ed448-pub,key,1203,d,Ed448 public Key
x448-pub,key,1204,d,X448 public Key
rsa-pub,key,1205,d,RSA public key. DER-encoded ASN.1 type RSAPublicKey according to IETF RFC 8017 (PKCS #1)
sm2-pub,key,1206,d,SM2 public key (compressed)
vlad,vlad,1207,d,Verifiable Long-lived ADdress
provenance-log,serialization,1208,d,Verifiable and permissioned append-only log
provenance-log-entry,serialization,1209,d,Verifiable and permissioned append-only log entry
provenance-log-script,serialization,120a,d,Verifiable and permissioned append-only log script
mlkem-512-pub,key,120b,d,ML-KEM 512 public key; as specified by FIPS 203
mlkem-768-pub,key,120c,d,ML-KEM 768 public key; as specified by FIPS 203
mlkem-1024-pub,key,120d,d,ML-KEM 1024 public key; as specified by FIPS 203
mldsa-44-pub,key,1210,d,ML-DSA 44 public key; as specified by FIPS 204
mldsa-65-pub,key,1211,d,ML-DSA 65 public key; as specified by FIPS 204
mldsa-87-pub,key,1212,d,ML-DSA 87 public key; as specified by FIPS 204
slhdsa-sha2-128s-pub,key,1220,d,SLH-DSA-SHA2-128s public key; as specified by FIPS 205
slhdsa-shake-128s-pub,key,1221,d,SLH-DSA-SHAKE-128s public key; as specified by FIPS 205
slhdsa-sha2-128f-pub,key,1222,d,SLH-DSA-SHA2-128f public key; as specified by FIPS 205
slhdsa-shake-128f-pub,key,1223,d,SLH-DSA-SHAKE-128f public key; as specified by FIPS 205
slhdsa-sha2-192s-pub,key,1224,d,SLH-DSA-SHA2-192s public key; as specified by FIPS 205
slhdsa-shake-192s-pub,key,1225,d,SLH-DSA-SHAKE-192s public key; as specified by FIPS 205
slhdsa-sha2-192f-pub,key,1226,d,SLH-DSA-SHA2-192f public key; as specified by FIPS 205
slhdsa-shake-192f-pub,key,1227,d,SLH-DSA-SHAKE-192f public key; as specified by FIPS 205
slhdsa-sha2-256s-pub,key,1228,d,SLH-DSA-SHA2-256s public key; as specified by FIPS 205
slhdsa-shake-256s-pub,key,1229,d,SLH-DSA-SHAKE-256s public key; as specified by FIPS 205
slhdsa-sha2-256f-pub,key,122a,d,SLH-DSA-SHA2-256f public key; as specified by FIPS 205
slhdsa-shake-256f-pub,key,122b,d,SLH-DSA-SHAKE-256f public key; as specified by FIPS 205
multisig,multiformat,1239,d,Digital signature multiformat
multikey,multiformat,123a,d,Encryption key multiformat
nonce,nonce,123b,d,Nonce random value
ed25519-priv,key,1300,d,Ed25519 private key
secp256k1-priv,key,1301,d,Secp256k1 private key
x25519-priv,key,1302,d,Curve25519 private key
sr25519-priv,key,1303,d,Sr25519 private key
rsa-priv,key,1305,d,RSA private key
p256-priv,key,1306,d,P-256 private key
p384-priv,key,1307,d,P-384 private key
p521-priv,key,1308,d,P-521 private key
bls12_381-g1-priv,key,1309,d,BLS12-381 G1 private key
bls12_381-g2-priv,key,130a,d,BLS12-381 G2 private key
bls12_381-g1g2-priv,key,130b,d,BLS12-381 G1 and G2 private key
bls12_381-g1-pub-share,key,130c,d,BLS12-381 G1 public key share
bls12_381-g2-pub-share,key,130d,d,BLS12-381 G2 public key share
bls12_381-g1-priv-share,key,130e,d,BLS12-381 G1 private key share
bls12_381-g2-priv-share,key,130f,d,BLS12-381 G2 private key share
sm2-priv,key,1310,d,SM2 private key
ed448-priv,key,1311,d,Ed448 private key
x448-priv,key,1312,d,X448 private key
mlkem-512-priv,key,1313,d,ML-KEM 512 private key; as specified by FIPS 203
mlkem-768-priv,key,1314,d,ML-KEM 768 public key; as specified by FIPS 203
mlkem-1024-priv,key,1315,d,ML-KEM 1024 public key; as specified by FIPS 203
jwk_jcs-priv,key,1316,d,JSON object containing only the required members of a JWK (RFC 7518 and RFC 7517) representing the private key. Serialisation based on JCS (RFC 8785)
mldsa-44-priv,key,1317,d,ML-DSA 44 private key; expanded key format (2560 bytes) as specified by FIPS 204
mldsa-65-priv,key,1318,d,ML-DSA 65 private key; expanded key format (4032 bytes) as specified by FIPS 204
mldsa-87-priv,key,1319,d,ML-DSA 87 private key; expanded key format (4896 bytes) as specified by FIPS 204
mldsa-44-priv-seed,key,131a,d,ML-DSA 44 private key seed; (32 bytes) as specified by FIPS 204
mldsa-65-priv-seed,key,131b,d,ML-DSA 65 private key seed; (32 bytes) as specified by FIPS 204
mldsa-87-priv-seed,key,131c,d,ML-DSA 87 private key seed; (32 bytes) as specified by FIPS 204
bip340-pub,key,1340,d,BIP340 public key
bip340-priv,key,1341,d,BIP340 private key
lamport-sha3-512-pub,key,1a14,d,Lamport public key based on SHA3-512
lamport-sha3-384-pub,key,1a15,d,Lamport public key based on SHA3-384
lamport-sha3-256-pub,key,1a16,d,Lamport public key based on SHA3-256
lamport-sha3-512-priv,key,1a24,d,Lamport private key based on SHA3-512
lamport-sha3-384-priv,key,1a25,d,Lamport private key based on SHA3-384
lamport-sha3-256-priv,key,1a26,d,Lamport private key based on SHA3-256
lamport-sha3-512-priv-share,key,1a34,d,Lamport private key share based on SHA3-512 and split with Shamir gf256
lamport-sha3-384-priv-share,key,1a35,d,Lamport private key share based on SHA3-384 and split with Shamir gf256
lamport-sha3-256-priv-share,key,1a36,d,Lamport private key share based on SHA3-256 and split with Shamir gf256
lamport-sha3-512-sig,multisig,1a44,d,Lamport signature based on SHA3-512
lamport-sha3-384-sig,multisig,1a45,d,Lamport signature based on SHA3-384
lamport-sha3-256-sig,multisig,1a46,d,Lamport signature based on SHA3-256
lamport-sha3-512-sig-share,multisig,1a54,d,Lamport signature share based on SHA3-512 and split with Shamir gf256
lamport-sha3-384-sig-share,multisig,1a55,d,Lamport signature share based on SHA3-384 and split with Shamir gf256
lamport-sha3-256-sig-share,multisig,1a56,d,Lamport signature share based on SHA3-256 and split with Shamir gf256
kt-128,multihash,1d01,d,KangarooTwelve KT128 extendable-output hash function (XOF) as defined in RFC 9861
kt-256,multihash,1d02,d,KangarooTwelve KT256 extendable-output hash function (XOF) as defined in RFC 9861
aes-gcm-256,encryption,2000,d,AES Galois/Counter Mode with 256-bit key and 12-byte IV
silverpine,multiaddr,3f42,d,Experimental QUIC over yggdrasil and ironwood routing protocol
sm3-256,multihash,534d,d
sha256a,hash,7012,d,The sum of multiple sha2-256 hashes; as specified by Ceramic CIP-124.
chacha20-poly1305,multikey,a000,d,ChaCha20_Poly1305 encryption scheme
blake2b-8,multihash,b201,d,Blake2b consists of 64 output lengths that give different hashes
blake2b-16,multihash,b202,d
blake2b-24,multihash,b203,d
blake2b-32,multihash,b204,d
blake2b-40,multihash,b205,d
blake2b-48,multihash,b206,d
blake2b-56,multihash,b207,d
blake2b-64,multihash,b208,d
blake2b-72,multihash,b209,d
blake2b-80,multihash,b20a,d
blake2b-88,multihash,b20b,d
blake2b-96,multihash,b20c,d
blake2b-104,multihash,b20d,d
blake2b-112,multihash,b20e,d
blake2b-120,multihash,b20f,d
blake2b-128,multihash,b210,d
blake2b-136,multihash,b211,d
blake2b-144,multihash,b212,d
blake2b-152,multihash,b213,d
blake2b-160,multihash,b214,d
blake2b-168,multihash,b215,d
blake2b-176,multihash,b216,d
blake2b-184,multihash,b217,d
blake2b-192,multihash,b218,d
blake2b-200,multihash,b219,d
blake2b-208,multihash,b21a,d
blake2b-216,multihash,b21b,d
blake2b-224,multihash,b21c,d
blake2b-232,multihash,b21d,d
blake2b-240,multihash,b21e,d
blake2b-248,multihash,b21f,d
blake2b-256,multihash,b220,p
blake2b-264,multihash,b221,d
blake2b-272,multihash,b222,d
blake2b-280,multihash,b223,d
blake2b-288,multihash,b224,d
blake2b-296,multihash,b225,d
blake2b-304,multihash,b226,d
blake2b-312,multihash,b227,d
blake2b-320,multihash,b228,d
blake2b-328,multihash,b229,d
blake2b-336,multihash,b22a,d
blake2b-344,multihash,b22b,d
blake2b-352,multihash,b22c,d
blake2b-360,multihash,b22d,d
blake2b-368,multihash,b22e,d
blake2b-376,multihash,b22f,d
blake2b-384,multihash,b230,d
blake2b-392,multihash,b231,d
blake2b-400,multihash,b232,d
blake2b-408,multihash,b233,d
blake2b-416,multihash,b234,d
blake2b-424,multihash,b235,d
blake2b-432,multihash,b236,d
blake2b-440,multihash,b237,d
blake2b-448,multihash,b238,d
blake2b-456,multihash,b239,d
blake2b-464,multihash,b23a,d
blake2b-472,multihash,b23b,d
blake2b-480,multihash,b23c,d
blake2b-488,multihash,b23d,d
blake2b-496,multihash,b23e,d
blake2b-504,multihash,b23f,d
blake2b-512,multihash,b240,d
blake2s-8,multihash,b241,d,Blake2s consists of 32 output lengths that give different hashes
blake2s-16,multihash,b242,d
blake2s-24,multihash,b243,d
blake2s-32,multihash,b244,d
blake2s-40,multihash,b245,d
blake2s-48,multihash,b246,d
blake2s-56,multihash,b247,d
blake2s-64,multihash,b248,d
blake2s-72,multihash,b249,d
blake2s-80,multihash,b24a,d
blake2s-88,multihash,b24b,d
blake2s-96,multihash,b24c,d
blake2s-104,multihash,b24d,d
blake2s-112,multihash,b24e,d
blake2s-120,multihash,b24f,d
blake2s-128,multihash,b250,d
blake2s-136,multihash,b251,d
blake2s-144,multihash,b252,d
blake2s-152,multihash,b253,d
blake2s-160,multihash,b254,d
blake2s-168,multihash,b255,d
blake2s-176,multihash,b256,d
blake2s-184,multihash,b257,d
blake2s-192,multihash,b258,d
blake2s-200,multihash,b259,d
blake2s-208,multihash,b25a,d
blake2s-216,multihash,b25b,d
blake2s-224,multihash,b25c,d
blake2s-232,multihash,b25d,d
blake2s-240,multihash,b25e,d
blake2s-248,multihash,b25f,d
blake2s-256,multihash,b260,d
skein256-8,multihash,b301,d,Skein256 consists of 32 output lengths that give different hashes
skein256-16,multihash,b302,d
skein256-24,multihash,b303,d
skein256-32,multihash,b304,d
skein256-40,multihash,b305,d
skein256-48,multihash,b306,d
skein256-56,multihash,b307,d
skein256-64,multihash,b308,d
skein256-72,multihash,b309,d
skein256-80,multihash,b30a,d
skein256-88,multihash,b30b,d
skein256-96,multihash,b30c,d
skein256-104,multihash,b30d,d
skein256-112,multihash,b30e,d
skein256-120,multihash,b30f,d
skein256-128,multihash,b310,d
skein256-136,multihash,b311,d
skein256-144,multihash,b312,d
skein256-152,multihash,b313,d
skein256-160,multihash,b314,d
skein256-168,multihash,b315,d
skein256-176,multihash,b316,d
skein256-184,multihash,b317,d
skein256-192,multihash,b318,d
skein256-200,multihash,b319,d
skein256-208,multihash,b31a,d
skein256-216,multihash,b31b,d
skein256-224,multihash,b31c,d
skein256-232,multihash,b31d,d
skein256-240,multihash,b31e,d
skein256-248,multihash,b31f,d
skein256-256,multihash,b320,d
skein512-8,multihash,b321,d,Skein512 consists of 64 output lengths that give different hashes
skein512-16,multihash,b322,d
skein512-24,multihash,b323,d
skein512-32,multihash,b324,d
skein512-40,multihash,b325,d
skein512-48,multihash,b326,d
skein512-56,multihash,b327,d
skein512-64,multihash,b328,d
skein512-72,multihash,b329,d
skein512-80,multihash,b32a,d
skein512-88,multihash,b32b,d
skein512-96,multihash,b32c,d
skein512-104,multihash,b32d,d
skein512-112,multihash,b32e,d
skein512-120,multihash,b32f,d
skein512-128,multihash,b330,d
skein512-136,multihash,b331,d
skein512-144,multihash,b332,d
skein512-152,multihash,b333,d
skein512-160,multihash,b334,d
skein512-168,multihash,b335,d
skein512-176,multihash,b336,d
skein512-184,multihash,b337,d
skein512-192,multihash,b338,d
skein512-200,multihash,b339,d
skein512-208,multihash,b33a,d
skein512-216,multihash,b33b,d
skein512-224,multihash,b33c,d
skein512-232,multihash,b33d,d
skein512-240,multihash,b33e,d
skein512-248,multihash,b33f,d
skein512-256,multihash,b340,d
skein512-264,multihash,b341,d
skein512-272,multihash,b342,d
skein512-280,multihash,b343,d
skein512-288,multihash,b344,d
skein512-296,multihash,b345,d
skein512-304,multihash,b346,d
skein512-312,multihash,b347,d
skein512-320,multihash,b348,d
skein512-328,multihash,b349,d
skein512-336,multihash,b34a,d
skein512-344,multihash,b34b,d
skein512-352,multihash,b34c,d
skein512-360,multihash,b34d,d
skein512-368,multihash,b34e,d
skein512-376,multihash,b34f,d
skein512-384,multihash,b350,d
skein512-392,multihash,b351,d
skein512-400,multihash,b352,d
skein512-408,multihash,b353,d
skein512-416,multihash,b354,d
skein512-424,multihash,b355,d
skein512-432,multihash,b356,d
skein512-440,multihash,b357,d
skein512-448,multihash,b358,d
skein512-456,multihash,b359,d
skein512-464,multihash,b35a,d
skein512-472,multihash,b35b,d
skein512-480,multihash,b35c,d
skein512-488,multihash,b35d,d
skein512-496,multihash,b35e,d
skein512-504,multihash,b35f,d
skein512-512,multihash,b360,d
skein1024-8,multihash,b361,d,Skein1024 consists of 128 output lengths that give different hashes
skein1024-16,multihash,b362,d
skein1024-24,multihash,b363,d
skein1024-32,multihash,b364,d
skein1024-40,multihash,b365,d
skein1024-48,multihash,b366,d
skein1024-56,multihash,b367,d
skein1024-64,multihash,b368,d
skein1024-72,multihash,b369,d
skein1024-80,multihash,b36a,d
skein1024-88,multihash,b36b,d
skein1024-96,multihash,b36c,d
skein1024-104,multihash,b36d,d
skein1024-112,multihash,b36e,d
skein1024-120,multihash,b36f,d
skein1024-128,multihash,b370,d
skein1024-136,multihash,b371,d
skein1024-144,multihash,b372,d
skein1024-152,multihash,b373,d
skein1024-160,multihash,b374,d
skein1024-168,multihash,b375,d
skein1024-176,multihash,b376,d
skein1024-184,multihash,b377,d
skein1024-192,multihash,b378,d
skein1024-200,multihash,b379,d
skein1024-208,multihash,b37a,d
skein1024-216,multihash,b37b,d
skein1024-224,multihash,b37c,d
skein1024-232,multihash,b37d,d
skein1024-240,multihash,b37e,d
skein1024-248,multihash,b37f,d
skein1024-256,multihash,b380,d
skein1024-264,multihash,b381,d
skein1024-272,multihash,b382,d
skein1024-280,multihash,b383,d
skein1024-288,multihash,b384,d
skein1024-296,multihash,b385,d
skein1024-304,multihash,b386,d
skein1024-312,multihash,b387,d
skein1024-320,multihash,b388,d
skein1024-328,multihash,b389,d
skein1024-336,multihash,b38a,d
skein1024-344,multihash,b38b,d
skein1024-352,multihash,b38c,d
skein1024-360,multihash,b38d,d
skein1024-368,multihash,b38e,d
skein1024-376,multihash,b38f,d
skein1024-384,multihash,b390,d
skein1024-392,multihash,b391,d
skein1024-400,multihash,b392,d
skein1024-408,multihash,b393,d
skein1024-416,multihash,b394,d
skein1024-424,multihash,b395,d
skein1024-432,multihash,b396,d
skein1024-440,multihash,b397,d
skein1024-448,multihash,b398,d
skein1024-456,multihash,b399,d
skein1024-464,multihash,b39a,d
skein1024-472,multihash,b39b,d
skein1024-480,multihash,b39c,d
skein1024-488,multihash,b39d,d
skein1024-496,multihash,b39e,d
skein1024-504,multihash,b39f,d
skein1024-512,multihash,b3a0,d
skein1024-520,multihash,b3a1,d
skein1024-528,multihash,b3a2,d
skein1024-536,multihash,b3a3,d
skein1024-544,multihash,b3a4,d
skein1024-552,multihash,b3a5,d
skein1024-560,multihash,b3a6,d
skein1024-568,multihash,b3a7,d
skein1024-576,multihash,b3a8,d
skein1024-584,multihash,b3a9,d
skein1024-592,multihash,b3aa,d
skein1024-600,multihash,b3ab,d
skein1024-608,multihash,b3ac,d
skein1024-616,multihash,b3ad,d
skein1024-624,multihash,b3ae,d
skein1024-632,multihash,b3af,d
skein1024-640,multihash,b3b0,d
skein1024-648,multihash,b3b1,d
skein1024-656,multihash,b3b2,d
skein1024-664,multihash,b3b3,d
skein1024-672,multihash,b3b4,d
skein1024-680,multihash,b3b5,d
skein1024-688,multihash,b3b6,d
skein1024-696,multihash,b3b7,d
skein1024-704,multihash,b3b8,d
skein1024-712,multihash,b3b9,d
skein1024-720,multihash,b3ba,d
skein1024-728,multihash,b3bb,d
skein1024-736,multihash,b3bc,d
skein1024-744,multihash,b3bd,d
skein1024-752,multihash,b3be,d
skein1024-760,multihash,b3bf,d
skein1024-768,multihash,b3c0,d
skein1024-776,multihash,b3c1,d
skein1024-784,multihash,b3c2,d
skein1024-792,multihash,b3c3,d
skein1024-800,multihash,b3c4,d
skein1024-808,multihash,b3c5,d
skein1024-816,multihash,b3c6,d
skein1024-824,multihash,b3c7,d
skein1024-832,multihash,b3c8,d
skein1024-840,multihash,b3c9,d
skein1024-848,multihash,b3ca,d
skein1024-856,multihash,b3cb,d
skein1024-864,multihash,b3cc,d
skein1024-872,multihash,b3cd,d
skein1024-880,multihash,b3ce,d
skein1024-888,multihash,b3cf,d
skein1024-896,multihash,b3d0,d
skein1024-904,multihash,b3d1,d
skein1024-912,multihash,b3d2,d
skein1024-920,multihash,b3d3,d
skein1024-928,multihash,b3d4,d
skein1024-936,multihash,b3d5,d
skein1024-944,multihash,b3d6,d
skein1024-952,multihash,b3d7,d
skein1024-960,multihash,b3d8,d
skein1024-968,multihash,b3d9,d
skein1024-976,multihash,b3da,d
skein1024-984,multihash,b3db,d
skein1024-992,multihash,b3dc,d
skein1024-1000,multihash,b3dd,d
skein1024-1008,multihash,b3de,d
skein1024-1016,multihash,b3df,d
skein1024-1024,multihash,b3e0,d
xxh-32,hash,b3e1,d,Extremely fast non-cryptographic hash algorithm
xxh-64,hash,b3e2,d,Extremely fast non-cryptographic hash algorithm
xxh3-64,hash,b3e3,d,Extremely fast non-cryptographic hash algorithm
xxh3-128,hash,b3e4,d,Extremely fast non-cryptographic hash algorithm
poseidon-bls12_381-a2-fc1,multihash,b401,p,Poseidon using BLS12-381 and arity of 2 with Filecoin parameters
poseidon-bls12_381-a2-fc1-sc,multihash,b402,d,Poseidon using BLS12-381 and arity of 2 with Filecoin parameters - high-security variant
rdfc-1,ipld,b403,d,The result of canonicalizing an input according to RDFC-1.0 and then expressing its hash value as a multihash value.
ssz,serialization,b501,d,SimpleSerialize (SSZ) serialization
ssz-sha2-256-bmt,multihash,b502,d,SSZ Merkle tree root using SHA2-256 as the hashing function and SSZ serialization for the block binary
sha2-256-chunked,multihash,b510,d,Hash of concatenated SHA2-256 digests of 8*2^n MiB source chunks; n = ceil(log2(source_size/(10^4 * 8MiB)))
json-jcs,ipld,b601,d,The result of canonicalizing an input according to JCS - JSON Canonicalisation Scheme (RFC 8785)
bittorrent-pieces-root,multihash,b702,d,BitTorrent v2 pieces root hash.
iscc,softhash,cc01,d,ISCC (International Standard Content Code) - similarity preserving hash
zeroxcert-imprint-256,zeroxcert,ce11,d,0xcert Asset Imprint (root hash)
nonstandard-sig,varsig,d000,x,Namespace for all not yet standard signature algorithms
bcrypt-pbkdf,multihash,d00d,d,Bcrypt-PBKDF key derivation function
es256k,varsig,d0e7,d,ES256K Signature Algorithm (secp256k1)
bls12_381-g1-sig,varsig,d0ea,d,G1 signature for BLS12-381
bls12_381-g2-sig,varsig,d0eb,d,G2 signature for BLS12-381
eddsa,varsig,d0ed,d,Edwards-Curve Digital Signature Algorithm
eip-191,varsig,d191,d,EIP-191 Ethereum Signed Data Standard
jwk_jcs-pub,key,eb51,d,JSON object containing only the required members of a JWK (RFC 7518 and RFC 7517) representing the public key. Serialisation based on JCS (RFC 8785)
ed2k,multihash,ed20,d,eDonkey2000 hash.
fil-commitment-unsealed,filecoin,f101,p,Filecoin piece or sector data commitment merkle node/root (CommP & CommD)
fil-commitment-sealed,filecoin,f102,p,Filecoin sector data commitment merkle node/root - sealed and replicated (CommR)
shelter-contract-manifest,shelter,511e00,d,Shelter protocol contract manifest
shelter-contract-text,shelter,511e01,d,Shelter protocol contract text
shelter-contract-data,shelter,511e02,d,Shelter protocol contract data (contract chain)
shelter-file-manifest,shelter,511e03,d,Shelter protocol file manifest
shelter-file-chunk,shelter,511e04,d,Shelter protocol file chunk
plaintextv2,multiaddr,706c61,d
holochain-adr-v0,holochain,807124,d,Holochain v0 address    + 8 R-S (63 x Base-32)
holochain-adr-v1,holochain,817124,d,Holochain v1 address    + 8 R-S (63 x Base-32)
holochain-key-v0,holochain,947124,d,Holochain v0 public key + 8 R-S (63 x Base-32)
holochain-key-v1,holochain,957124,d,Holochain v1 public key + 8 R-S (63 x Base-32)
holochain-sig-v0,holochain,a27124,d,Holochain v0 signature  + 8 R-S (63 x Base-32)
holochain-sig-v1,holochain,a37124,d,Holochain v1 signature  + 8 R-S (63 x Base-32)
skynet-ns,namespace,b19910,d,Skynet Namespace
arweave-ns,namespace,b29910,d,Arweave Namespace
subspace-ns,namespace,b39910,d,Subspace Network Namespace
kumandra-ns,namespace,b49910,d,Kumandra Network Namespace
massa,namespace,b59910,d,Massa blockchain ecosystem
massa-mainnet,namespace,b59911,d,Massa mainnet network
massa-buildnet,namespace,b59912,d,Massa buildnet network
massa-deweb,namespace,b59913,d,Massa DeWeb decentralized web
massa-gossip,namespace,b59914,d,Massa Gossip decentralized messaging
massa-mns,namespace,b59915,d,Massa Name Service target
massa-sc,namespace,b59916,d,Massa smart-contract address target
massa-gossip-id,namespace,b59917,d,Massa Gossip ID target
adnl,namespace,b69910,d,TON ADNL address: 32-byte SHA-256(0x4813b4c6_LE || Ed25519-pubkey)
es256,varsig,d01200,d,ES256 Signature Algorithm
es384,varsig,d01201,d,ES384 Signature Algorithm
es512,varsig,d01202,d,ES512 Signature Algorithm
rs256,varsig,d01205,d,RS256 Signature Algorithm
bip340,varsig,d01206,d,BIP340 Signature Algorithm
es256k-msig,multisig,d01300,d,ES256K (secp256k1) Signature as Multisig
bls12_381-g1-msig,multisig,d01301,d,G1 signature for BLS-12381-G2 as Multisig
bls12_381-g2-msig,multisig,d01302,d,G2 signature for BLS-12381-G1 as Multisig
eddsa-msig,multisig,d01303,d,Edwards-Curve Digital Signature as Multisig
bls12_381-g1-share-msig,multisig,d01304,d,G1 threshold signature share for BLS-12381-G2 as Multisig
bls12_381-g2-share-msig,multisig,d01305,d,G2 threshold signature share for BLS-12381-G1 as Multisig
lamport-msig,multisig,d01306,d,Lamport signature as Multisig
lamport-share-msig,multisig,d01307,d,Lamport threshold signature share as Multisig
es256-msig,multisig,d01308,d,ECDSA P-256 Signature as Multisig
es384-msig,multisig,d01309,d,ECDSA P-384 Signature as Multisig
es521-msig,multisig,d0130a,d,ECDSA P-521 Signature as Multisig
rs256-msig,multisig,d0130b,d,RS256 Signature as Multisig
scion,multiaddr,d02000,d,SCION Internet architecture`
