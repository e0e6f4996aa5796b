//! The port that `play` serves on.

use std::net::{Ipv4Addr, TcpListener};

use crate::failure::Failure;

/// Where `play` serves unless told otherwise.
pub(crate) const DEFAULT: u16 = 8080;

/// Fails when another program listens on the port, or this one may not.
pub(crate) fn check_free(port: u16) -> Result<(), Failure> {
    let Err(error) = try_out(port) else { return Ok(()) };
    let free = (port..u16::MAX).find(|port| try_out(*port).is_ok()).unwrap_or(DEFAULT);
    Err(Failure::new(
        format!("port {port} on 127.0.0.1 cannot be used: {error}"),
        format!("stop the program that uses it, or take another: cargo xtask play --port {free}"),
    ))
}

fn try_out(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_refused_with_a_remedy() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let failure = check_free(port).unwrap_err().to_string();
        assert!(failure.contains(&format!("port {port}")), "{failure}");
        assert!(failure.contains("--port "), "{failure}");
        assert!(!failure.contains(&format!("--port {port}")), "{failure}");
        drop(taken);
        assert_eq!(check_free(port), Ok(()));
    }
}
