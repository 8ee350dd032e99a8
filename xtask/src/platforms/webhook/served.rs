//! `flux-audit serve` in the background, with an authority of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::platforms::process::{Process, free_ports};
use crate::scratch::Scratch;
use crate::shell;

/// Makes certificates for the loopback.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// Its own certificate, PEM: what a `caBundle` holds.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes a new certificate and its key, the way the kubelet does: all at once.
    pub(crate) fn issue(&self, folder: &Path, version: u32) -> Result<()> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["127.0.0.1".into()])?.signed_by(&key, &self.0)?;
        let data = folder.join(format!("..{version}"));
        std::fs::create_dir_all(&data)?;
        std::fs::write(data.join("tls.crt"), certificate.pem())?;
        std::fs::write(data.join("tls.key"), key.serialize_pem())?;
        let next = folder.join("..data_tmp");
        link(&data, &next)?;
        std::fs::rename(next, folder.join("..data"))?;
        Ok(())
    }
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(target, at)?)
}

#[cfg(not(unix))]
fn link(_target: &Path, _at: &Path) -> Result<()> {
    bail!("the webhook is tested where there are links");
}

/// The program, in a place where no other build replaces it.
pub(crate) fn program(scratch: &Scratch) -> Result<PathBuf> {
    let program = scratch.0.join("flux-audit");
    std::fs::copy(shell::flux_audit()?, &program)?;
    Ok(program)
}

/// A running webhook.
pub(crate) struct Served {
    process: Process,
    pub(crate) port: u16,
    log: PathBuf,
}

impl Served {
    /// Starts it on a port, or on a free one, with the certificate in a folder; it listens when this returns.
    pub(crate) fn start(program: &Path, scratch: &Scratch, port: Option<u16>, options: &[&str]) -> Result<Self> {
        let port = match port {
            Some(port) => port,
            None => {
                let [port] = free_ports()?;
                port
            }
        };
        let log = scratch.0.join("flux-audit.log");
        let certificates = certificates(scratch);
        let mut process = Process::start(
            Command::new(program)
                .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--drain", "0"])
                .arg("--tls-cert")
                .arg(certificates.join("..data/tls.crt"))
                .arg("--tls-key")
                .arg(certificates.join("..data/tls.key"))
                .args(options),
            &log,
        )?;
        let until = Instant::now() + Duration::from_secs(30);
        while !std::fs::read_to_string(&log)?.contains("listening on ") {
            process.is_running()?;
            if Instant::now() > until {
                bail!("flux-audit does not listen");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { process, port, log })
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has said.
    pub(crate) fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }

    /// Tells it to stop, and waits until it has, which must go well.
    pub(crate) fn stop(mut self) -> Result<()> {
        shell::run(Command::new("kill").args(["-TERM", &self.id().to_string()]))?;
        self.process.ends_well(Duration::from_secs(20))
    }
}

/// Where its certificates are.
pub(crate) fn certificates(scratch: &Scratch) -> PathBuf {
    scratch.0.join("certificates")
}
