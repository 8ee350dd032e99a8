//! A Kubernetes API server with its etcd, on the loopback and for one test.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::config::AuthInfo;
use kube::core::GroupVersionKind;
use kube::{Api, Client, Config};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::platforms::process::{Process, free_ports};
use crate::scratch::Scratch;
use crate::shell;

const KUBERNETES: shell::Kubernetes = shell::Kubernetes {
    version: "v1.36.3",
    staging: "v0.36.3",
};
const TOKEN: &str = "of-a-test-on-the-loopback";
const MANAGER: &str = "flux-audit-test";
const START: Duration = Duration::from_secs(90);

/// A running API server; it ends when it is dropped.
pub(crate) struct ApiServer {
    client: Client,
    runtime: Runtime,
    port: u16,
    // The server first: without its etcd it would only complain.
    _server: Process,
    _etcd: Process,
    _scratch: Scratch,
}

/// What an API server refused, or why it could not be asked.
pub(crate) type Refused = kube::Error;

impl ApiServer {
    /// Starts both programs. `None` where a program is missing and cannot be built, unless under CI.
    pub(crate) fn start() -> Result<Option<Self>> {
        let Some(etcd) = etcd()? else { return Ok(None) };
        let Some(server) = KUBERNETES.program("kube-apiserver")? else {
            return Ok(None);
        };
        let scratch = Scratch::new("apiserver")?;
        let [peers, clients, secure] = free_ports()?;
        let peers = format!("http://127.0.0.1:{peers}");
        let clients = format!("http://127.0.0.1:{clients}");
        let etcd = Process::start(
            Command::new(etcd)
                .arg("--data-dir")
                .arg(scratch.0.join("etcd"))
                .args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients])
                .args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers])
                .args(["--initial-cluster", &format!("default={peers}")]),
            &scratch.0.join("etcd.log"),
        )?;
        let (private, public) = (scratch.0.join("accounts.key"), scratch.0.join("accounts.pub"));
        let key = rcgen::KeyPair::generate()?;
        std::fs::write(&private, key.serialize_pem())?;
        std::fs::write(&public, key.public_key_pem())?;
        let tokens = scratch.0.join("tokens.csv");
        std::fs::write(&tokens, format!("{TOKEN},tester,1,\"system:masters\"\n"))?;
        let server = Process::start(
            Command::new(server)
                .args(["--etcd-servers", &clients])
                .args(["--bind-address", "127.0.0.1", "--secure-port", &secure.to_string()])
                .arg("--cert-dir")
                .arg(scratch.0.join("certificates"))
                .arg("--token-auth-file")
                .arg(&tokens)
                .args(["--service-account-issuer", "https://localhost"])
                .arg("--service-account-key-file")
                .arg(&public)
                .arg("--service-account-signing-key-file")
                .arg(&private)
                .args(["--service-cluster-ip-range", "10.0.0.0/24"])
                .args(["--authorization-mode", "RBAC"])
                // Without controllers, no namespace would ever get its default account.
                .args(["--disable-admission-plugins", "ServiceAccount"]),
            &scratch.0.join("kube-apiserver.log"),
        )?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = {
            let _inside = runtime.enter();
            client(secure)?
        };
        let mut started = Self {
            client,
            runtime,
            port: secure,
            _server: server,
            _etcd: etcd,
            _scratch: scratch,
        };
        started.wait()?;
        Ok(Some(started))
    }

    /// Runs what talks to the server to its end.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A client that may do everything; use it inside of [`ApiServer::block_on`].
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Creates an object, and returns it as the server has it.
    pub(crate) fn create(&self, object: &Value) -> Result<Value, Refused> {
        let (api, object) = self.api(object)?;
        let created = self.block_on(api.create(&kube::api::PostParams::default(), &object))?;
        json(&created)
    }

    /// Applies an object on the server's side.
    pub(crate) fn apply(&self, object: &Value) -> Result<Value, Refused> {
        let (api, parsed) = self.api(object)?;
        let params = PatchParams::apply(MANAGER).force();
        let applied = self.block_on(api.patch(&name(&parsed), &params, &Patch::Apply(object)))?;
        json(&applied)
    }

    /// What `kubectl` says to an object on its standard input: whether it went well, and its standard error.
    ///
    /// # Errors
    /// There is no `kubectl`.
    pub(crate) fn kubectl(&self, args: &[&str], object: &Value) -> std::io::Result<(bool, String)> {
        let mut kubectl = Command::new("kubectl")
            .arg(format!("--server=https://127.0.0.1:{}", self.port))
            .arg(format!("--token={TOKEN}"))
            .args(["--insecure-skip-tls-verify", "--kubeconfig=/dev/null"])
            .args(args)
            .args(["--filename", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = kubectl.stdin.take() {
            input.write_all(object.to_string().as_bytes())?;
        }
        let output = kubectl.wait_with_output()?;
        Ok((
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }

    /// Deletes an object by its kind, namespace and name.
    pub(crate) fn delete(&self, object: &Value) -> Result<(), Refused> {
        let (api, object) = self.api(object)?;
        let deleted = self.block_on(api.delete(&name(&object), &kube::api::DeleteParams::default()));
        deleted.map(drop)
    }

    /// Applies a CustomResourceDefinition, and waits until the server serves it.
    pub(crate) fn apply_crd(&self, definition: &Value) -> Result<()> {
        self.apply(definition)?;
        let (api, parsed) = self.api(definition)?;
        let name = name(&parsed);
        let until = Instant::now() + START;
        while Instant::now() < until {
            let found = self.block_on(api.get(&name))?;
            let conditions = found.data["status"]["conditions"].as_array();
            let is_established =
                |condition: &Value| condition["type"] == "Established" && condition["status"] == "True";
            if conditions.is_some_and(|conditions| conditions.iter().any(is_established)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("{name} is not served");
    }

    /// The API of an object's kind, in its namespace.
    fn api(&self, object: &Value) -> Result<(Api<DynamicObject>, DynamicObject), Refused> {
        let parsed: DynamicObject = serde_json::from_value(object.clone()).map_err(Refused::SerdeError)?;
        let types = parsed.types.clone().unwrap_or_default();
        let (group, version) = types.api_version.split_once('/').unwrap_or(("", &types.api_version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &types.kind));
        let api = match &parsed.metadata.namespace {
            Some(namespace) => Api::namespaced_with(self.client(), namespace, &resource),
            None => Api::all_with(self.client(), &resource),
        };
        Ok((api, parsed))
    }

    fn wait(&mut self) -> Result<()> {
        let until = Instant::now() + START;
        while Instant::now() < until {
            self._etcd.is_running()?;
            self._server.is_running()?;
            // The namespace is made last, when everything else is there.
            let namespaces =
                serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}});
            let (api, object) = self.api(&namespaces)?;
            if self.block_on(api.get(&name(&object))).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        bail!("kube-apiserver is not ready after {} s", START.as_secs());
    }
}

fn name(object: &DynamicObject) -> String {
    object.metadata.name.clone().unwrap_or_default()
}

fn json(object: &DynamicObject) -> Result<Value, Refused> {
    serde_json::to_value(object).map_err(Refused::SerdeError)
}

fn client(port: u16) -> Result<Client> {
    let mut config = Config::new(format!("https://127.0.0.1:{port}").parse()?);
    // The server's certificate is one that it has just made for itself.
    config.accept_invalid_certs = true;
    config.auth_info = AuthInfo {
        token: Some(TOKEN.to_owned().into()),
        ..AuthInfo::default()
    };
    Ok(Client::try_from(config)?)
}

fn etcd() -> Result<Option<PathBuf>> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .map(|folder| folder.join("etcd"))
        .find(|file| file.is_file());
    if found.is_none() {
        if std::env::var_os("CI").is_some() {
            bail!("etcd is needed here; Debian has it in etcd-server");
        }
        eprintln!("skipped: there is no etcd (Debian: etcd-server)");
    }
    Ok(found)
}
