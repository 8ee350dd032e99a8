//! A repository of any size: clusters, Flux Kustomizations, overlays with patches over bases, Helm releases.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell;

/// A full installation of our own, which every cluster has.
const COMPONENTS: &str = "host-test/trees/subfolders-versions/fleet/eu/production/flux-system/gotk-components.yaml";
const CLUSTERS: usize = 4;
const APPS_OF_A_TEAM: usize = 25;
/// [`Maker::app`] writes so many.
const FILES_OF_AN_APP: usize = 7;

/// What was written.
pub(super) struct Tree {
    pub(super) root: PathBuf,
    pub(super) files: usize,
    pub(super) bytes: usize,
    /// The folders that Flux builds, one for each team, from the root.
    pub(super) overlays: Vec<String>,
}

/// Writes about so many files, the same ones each time.
pub(super) fn write(root: PathBuf, files: usize) -> Result<Tree> {
    let tree = Tree {
        root,
        files: 0,
        bytes: 0,
        overlays: Vec::new(),
    };
    // Any seed will do that is not zero.
    let mut maker = Maker {
        state: 0x9E37_79B9_7F4A_7C15,
        tree,
    };
    maker.file(".git/HEAD", "ref: refs/heads/main\n")?;
    let components = std::fs::read_to_string(shell::root().join(COMPONENTS)).context(COMPONENTS)?;
    for cluster in 0..CLUSTERS {
        maker.bootstrap(cluster, &components)?;
    }
    let apps = files / FILES_OF_AN_APP;
    for (team, first) in (0..apps).step_by(APPS_OF_A_TEAM).enumerate() {
        maker.team(team, first..apps.min(first + APPS_OF_A_TEAM))?;
    }
    Ok(maker.tree)
}

struct Maker {
    state: u64,
    tree: Tree,
}

impl Maker {
    fn below(&mut self, bound: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % bound
    }

    fn file(&mut self, path: &str, text: &str) -> Result<()> {
        let file = self.tree.root.join(path);
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new("")))?;
        std::fs::write(&file, text)?;
        self.tree.files += 1;
        self.tree.bytes += text.len();
        Ok(())
    }

    fn bootstrap(&mut self, cluster: usize, components: &str) -> Result<()> {
        let folder = format!("clusters/c{cluster}/flux-system");
        let kustomization = "resources: [gotk-components.yaml, gotk-sync.yaml]
patches:
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --no-remote-bases=true
  target: {kind: Deployment, name: kustomize-controller}
";
        let sync = format!(
            "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{interval: 1m, ref: {{branch: main}}, url: 'ssh://git@git.example.org/acme/fleet'}}
---
{}",
            applier("flux-system", &format!("clusters/c{cluster}"))
        );
        self.file(&format!("{folder}/gotk-components.yaml"), components)?;
        self.file(&format!("{folder}/gotk-sync.yaml"), &sync)?;
        self.file(&format!("{folder}/kustomization.yaml"), kustomization)
    }

    /// A team's namespace and apps, in one of the clusters.
    fn team(&mut self, team: usize, apps: std::ops::Range<usize>) -> Result<()> {
        let cluster = team % CLUSTERS;
        let folder = format!("overlays/c{cluster}/team-{team}");
        let path = format!("clusters/c{cluster}/team-{team}.yaml");
        self.file(&path, &applier(&format!("team-{team}"), &folder))?;
        let namespace = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: team-{team}}}\n");
        self.file(&format!("{folder}/namespace.yaml"), &namespace)?;
        let mut kustomization = String::from("resources:\n- namespace.yaml\n");
        for app in apps {
            writeln!(kustomization, "- app-{app}")?;
            self.app(app, team, &format!("{folder}/app-{app}"))?;
        }
        self.file(&format!("{folder}/kustomization.yaml"), &kustomization)?;
        self.tree.overlays.push(folder);
        Ok(())
    }

    fn app(&mut self, app: usize, team: usize, overlay: &str) -> Result<()> {
        let base = format!("bases/app-{app}");
        let (minor, replicas) = (self.below(20), 1 + self.below(5));
        self.file(
            &format!("{base}/kustomization.yaml"),
            "resources: [deployment.yaml, service.yaml, release.yaml]\n",
        )?;
        self.file(&format!("{base}/deployment.yaml"), &deployment(app, minor))?;
        self.file(&format!("{base}/service.yaml"), &service(app))?;
        let account = if self.below(2) == 0 {
            "  serviceAccountName: deployer\n"
        } else {
            ""
        };
        self.file(&format!("{base}/release.yaml"), &release(app, minor, account))?;
        let kustomization = format!(
            "namespace: team-{team}
resources: [../../../../bases/app-{app}]
labels: [{{pairs: {{team: team-{team}}}, includeTemplates: true}}]
images: [{{name: registry.example.org/app-{app}, newTag: 1.{minor}.1}}]
configMapGenerator:
- name: app-{app}
  files: [settings.properties]
patches:
- path: patch.yaml
- patch: |
    - {{op: replace, path: /spec/interval, value: 30m}}
  target: {{kind: HelmRelease, name: cache-{app}}}
"
        );
        self.file(&format!("{overlay}/kustomization.yaml"), &kustomization)?;
        self.file(&format!("{overlay}/patch.yaml"), &patch(app, replicas))?;
        self.file(
            &format!("{overlay}/settings.properties"),
            "log.level=info\nlog.format=json\n",
        )
    }
}

/// A Flux Kustomization.
fn applier(name: &str, path: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: flux-system
spec:
  interval: 10m
  path: ./{path}
  prune: true
  timeout: 5m
  sourceRef:
    kind: GitRepository
    name: flux-system
"
    )
}

fn deployment(app: usize, minor: u64) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{app}
  labels:
    app: app-{app}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: app-{app}
  template:
    metadata:
      labels:
        app: app-{app}
    spec:
      serviceAccountName: app-{app}
      containers:
      - name: app
        image: registry.example.org/app-{app}:1.{minor}.0
        args:
        - --listen=:8080
        - --config=/etc/app/settings.properties
        ports:
        - name: http
          containerPort: 8080
        env:
        - name: LOG_LEVEL
          value: info
        resources:
          requests: {{cpu: 100m, memory: 64Mi}}
          limits: {{cpu: 1000m, memory: 512Mi}}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          runAsNonRoot: true
          capabilities:
            drop: [ALL]
        volumeMounts:
        - name: settings
          mountPath: /etc/app
      volumes:
      - name: settings
        configMap:
          name: app-{app}
"
    )
}

fn service(app: usize) -> String {
    format!(
        "apiVersion: v1
kind: Service
metadata:
  name: app-{app}
spec:
  selector:
    app: app-{app}
  ports:
  - name: http
    port: 80
    targetPort: http
"
    )
}

fn release(app: usize, minor: u64, account: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache-{app}
spec:
  interval: 15m
{account}  chart:
    spec:
      chart: redis
      version: 20.{minor}.0
      sourceRef:
        kind: HelmRepository
        name: charts
        namespace: flux-system
  values:
    architecture: standalone
    replicaCount: 1
    auth:
      existingSecret: cache-{app}
    metrics:
      enabled: true
    resources:
      limits:
        memory: 256Mi
"
    )
}

fn patch(app: usize, replicas: u64) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{app}
spec:
  replicas: {replicas}
  template:
    spec:
      containers:
      - name: app
        env:
        - name: LOG_LEVEL
          value: warn
        resources:
          limits:
            memory: 1Gi
"
    )
}

#[cfg(test)]
mod tests {
    use policy_core::Limits;
    use policy_core::kustomize;

    use super::*;
    use crate::kustomize_diff::cases;
    use crate::scratch::Scratch;

    #[test]
    fn a_tree_has_about_as_many_files_as_asked_and_builds() {
        let scratch = Scratch::new("generate-test").expect("a folder");
        let tree = write(scratch.0.join("one"), 700).expect("a tree");
        assert!((690..=760).contains(&tree.files), "{}", tree.files);
        let files = cases::tree(&tree.root).expect("files");
        let mut objects = 0;
        for overlay in &tree.overlays {
            let built = kustomize::build(&files, overlay, &Limits::standard());
            assert_eq!(built.problems, []);
            objects += built.objects.len();
        }
        // Of each app a Deployment, a Service, a HelmRelease and a ConfigMap; of each team a Namespace.
        assert_eq!(objects, 100 * 4 + tree.overlays.len());
    }

    #[test]
    fn a_tree_is_the_same_each_time() {
        let scratch = Scratch::new("generate-twice").expect("a folder");
        let [one, two] = ["one", "two"].map(|name| write(scratch.0.join(name), 70).expect("a tree"));
        let path = "overlays/c0/team-0/app-7/patch.yaml";
        let read = |tree: &Tree| std::fs::read_to_string(tree.root.join(path)).expect("a file");
        assert_eq!(read(&one), read(&two));
        assert_eq!(one.bytes, two.bytes);
    }
}
