//! The port that `play` serves on.

use std::net::{Ipv4Addr, TcpListener};

use crate::failure::Failure;

/// Where `play` serves unless told otherwise.
pub(crate) const DEFAULT: u16 = 8080;

/// Fails when another program listens on the port, or this one may not.
pub(crate) fn check_free(port: u16) -> Result<(), Failure> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(
            format!("port {port} on 127.0.0.1 cannot be used: {error}"),
            format!(
                "stop the program that uses it, or choose another: cargo xtask play --port {}",
                another(port)
            ),
        )),
    }
}

fn another(port: u16) -> u16 {
    if port == DEFAULT { DEFAULT + 1 } else { DEFAULT }
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
        assert!(failure.contains("--port 8080"), "{failure}");
        drop(taken);
        assert_eq!(check_free(port), Ok(()));
    }
}
