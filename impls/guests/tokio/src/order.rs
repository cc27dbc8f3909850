// What a guest in Rust was told to do: its last argument, as impls/guests/README.md has it.
use std::io::Result;
use std::net::SocketAddr;
use std::os::unix::io::{FromRawFd, IntoRawFd};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

pub struct Order {
    domain: Domain,
    address: SockAddr,
    pub connections: usize,
    pub request: Vec<u8>,
    pub reply_bytes: usize,
}

// A connection, whichever way it goes.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl Stream for TcpStream {}
impl Stream for UnixStream {}

impl Order {
    pub fn from_arguments() -> Order {
        let text = std::env::args().last().unwrap();
        let words: serde_json::Value = serde_json::from_str(&text).unwrap();
        let (domain, address) = match words["unix"].as_str() {
            Some(name) => (Domain::UNIX, SockAddr::unix(format!("\0{}", name)).unwrap()),
            None => {
                let host = words["host"].as_str().unwrap();
                let address = format!("{}:{}", host, words["port"]);
                (Domain::IPV4, address.parse::<SocketAddr>().unwrap().into())
            }
        };
        let hex = words["request"].as_str().unwrap();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        Order {
            domain,
            address,
            connections: words["connections"].as_u64().unwrap() as usize,
            request: (0..hex.len()).step_by(2).map(byte).collect(),
            reply_bytes: words["reply_bytes"].as_u64().unwrap() as usize,
        }
    }

    pub fn connect(&self) -> Result<Box<dyn Stream>> {
        let socket = Socket::new(self.domain, Type::STREAM, None)?;
        socket.connect(&self.address)?;
        socket.set_nonblocking(true)?;
        if self.domain == Domain::UNIX {
            let stream = unsafe { FromRawFd::from_raw_fd(socket.into_raw_fd()) };
            return Ok(Box::new(UnixStream::from_std(stream)?));
        }
        Ok(Box::new(TcpStream::from_std(socket.into())?))
    }
}
