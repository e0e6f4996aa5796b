//! What the other side of a provider is made of: libraries that know nothing of this project.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::pypi::Packages;

const PEERS: Packages = Packages {
    folder: "provider-peers-1",
    packages: &[
        "aiosmtpd==1.4.6",
        "http_ece==1.2.1",
        "py-vapid==1.9.6",
        "standardwebhooks==1.1.0",
        "trustme==1.2.1",
        // What those need.
        "atpublic==9.0.0",
        "attrs==26.1.0",
        "cffi==2.1.1",
        "cryptography==50.0.2",
        "idna==3.20",
        "pycparser==3.12",
    ],
    remedy: "install Python 3.10 or newer with pip",
};

/// The folder that Python finds them in.
pub(crate) fn ensure() -> Result<PathBuf, Failure> {
    PEERS.ensure()
}
