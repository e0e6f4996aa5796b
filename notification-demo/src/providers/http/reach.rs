//! Which addresses a request may go to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses a request may go to. Checked when a name has been looked up, and of that very
/// address which is then used: a name can be pointed anywhere, and anew every second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::providers) enum Reach {
    /// Those of the public internet: for targets that a user names. Else a user could reach, through
    /// this service, what only this machine or its neighbours should.
    Public,
    /// All: for targets that whoever runs the service names.
    Any,
}

impl Reach {
    pub(in crate::providers) fn allows(self, address: IpAddr) -> bool {
        self == Self::Any
            || match address {
                IpAddr::V4(address) => is_public_v4(address),
                IpAddr::V6(address) => is_public_v6(address),
            }
    }
}

/// By IANA's registry of special-purpose addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..128, _)
            | (169, 254, _)
            | (172, 16..32, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..20, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !is_special
}

/// 2000::/3 is all that was ever given out; in it, what stands for an address of version 4 or is
/// for documents alone is left out.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_special = matches!((a, b), (0x2001, ..0x200 | 0xdb8) | (0x2002, _) | (0x3fff, ..0x1000));
    (0x2000..0x4000).contains(&a) && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_public_is_in_reach() {
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address = private.parse().unwrap();
            assert!(!Reach::Public.allows(address), "{private}");
            assert!(Reach::Any.allows(address), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1",
            "2a00:1450::1",
            "3fff:1000::1",
        ] {
            assert!(Reach::Public.allows(public.parse().unwrap()), "{public}");
        }
    }
}
