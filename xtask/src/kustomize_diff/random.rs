//! Overlays made by chance, each from a seed: objects that refer to one another, and layers that change them.

use std::fmt::Write as _;

/// The files of an overlay by path; `entry` is the folder to build.
pub(super) fn overlay(seed: u64) -> Vec<(String, String)> {
    let mut maker = Maker {
        // Seeds that follow one another must not look alike.
        state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        files: Vec::new(),
        deployments: Vec::new(),
        serial: 0,
    };
    maker.below(7);
    let mut below = maker.base("base");
    if maker.chance(2) {
        maker.base_with("other", "z");
        below.push("other".to_owned());
    }
    if maker.chance(2) {
        maker.layer("mid", &below, false);
        below = vec!["mid".to_owned()];
    }
    let component = maker.chance(3);
    if component {
        maker.layer("part", &[], true);
    }
    maker.layer_over("entry", &below, false, component);
    maker.files
}

struct Maker {
    state: u64,
    files: Vec<(String, String)>,
    deployments: Vec<String>,
    serial: u32,
}

const NAMES: [&str; 4] = ["app", "web", "worker", "api"];
const IMAGES: [&str; 4] = [
    "nginx",
    "nginx:1.25",
    "ghcr.io/acme/app:v1",
    "registry:5000/team/app@sha256:abcd",
];
const VALUES: [&str; 8] = ["plain", "\"quoted\"", "7", "\"7\"", "true", "\"yes\"", "1.5", "'on'"];

impl Maker {
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }

    /// True once in so many times.
    fn chance(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick(&mut self, from: &[&str]) -> String {
        let at = self.below(from.len());
        from[at].to_owned()
    }

    fn text_value(&mut self) -> String {
        self.pick(&["plain", "\"7\"", "\"yes\"", "'on'", "\"true\"", "a-b"])
    }

    fn file(&mut self, path: String, text: String) {
        self.files.push((path, text));
    }

    fn base(&mut self, folder: &str) -> Vec<String> {
        self.base_with(folder, "");
        vec![folder.to_owned()]
    }

    fn base_with(&mut self, folder: &str, mark: &str) {
        let mut resources = Vec::new();
        for at in 0..1 + self.below(2) {
            let name = format!("{}{mark}{at}", self.pick(&NAMES));
            let text = self.workload(&name);
            self.file(format!("{folder}/{name}.yaml"), text);
            resources.push(format!("{name}.yaml"));
            self.deployments.push(name);
        }
        let rest = self.others(mark);
        self.file(format!("{folder}/rest.yaml"), rest);
        resources.push("rest.yaml".into());
        let mut text = format!("resources:\n{}", list(&resources));
        if self.chance(2) {
            self.generators(folder, mark, &mut text);
        }
        if self.chance(3) {
            self.common(&mut text);
        }
        self.file(format!("{folder}/kustomization.yaml"), text);
    }

    fn workload(&mut self, name: &str) -> String {
        let kind = self.pick(&["Deployment", "Deployment", "StatefulSet", "DaemonSet"]);
        let mut text = format!("apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {name}\n");
        if self.chance(3) {
            text.push_str("  namespace: first\n");
        }
        if self.chance(2) {
            let value = self.text_value();
            let _ = write!(text, "  labels:\n    app: {name}\n    tier: {value}\n");
        }
        if self.chance(2) {
            let value = self.text_value();
            let _ = write!(text, "  annotations:\n    note: {value}\n");
        }
        text.push_str("spec:\n");
        if self.chance(2) {
            let _ = writeln!(text, "  replicas: {}", 1 + self.below(3));
        }
        let _ = write!(
            text,
            "  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n"
        );
        if self.chance(2) {
            text.push_str("      serviceAccountName: runner\n");
        }
        text.push_str("      containers:\n");
        for container in 0..1 + self.below(2) {
            let image = self.pick(&IMAGES);
            let _ = write!(text, "      - name: c{container}\n        image: {image}\n");
            if self.chance(2) {
                text.push_str("        args:\n        - --first\n        - --second=2\n");
            }
            if self.chance(2) {
                text.push_str("        env:\n");
                for at in 0..1 + self.below(3) {
                    let value = self.pick(&VALUES);
                    let _ = write!(text, "        - name: E{at}\n          value: {value}\n");
                }
                text.push_str("        - name: F\n          valueFrom:\n            configMapKeyRef:\n              name: settings\n              key: a\n");
            }
            if self.chance(2) {
                text.push_str("        ports:\n        - containerPort: 80\n          name: http\n");
                if self.chance(2) {
                    text.push_str("        - containerPort: 81\n          protocol: UDP\n");
                }
            }
            if self.chance(2) {
                text.push_str("        volumeMounts:\n        - mountPath: /data\n          name: data\n");
            }
        }
        if self.chance(2) {
            text.push_str("      tolerations:\n      - key: a\n        operator: Exists\n");
        }
        if self.chance(2) {
            text.push_str("      volumes:\n      - name: data\n        configMap:\n          name: settings\n      - name: keys\n        secret:\n          secretName: keys\n");
        }
        text
    }

    fn others(&mut self, mark: &str) -> String {
        let mut documents = vec![
            format!("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: runner{mark}\n"),
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain{mark}\ndata:\n  a: \"1\"\n  b: two\n"),
        ];
        if self.chance(2) {
            documents.push(format!(
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: svc{mark}\nspec:\n  selector:\n    app: app0\n  ports:\n  - port: 80\n    targetPort: 8080\n  - port: 81\n    protocol: TCP\n"
            ));
        }
        if self.chance(2) {
            documents.push(format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: bind{mark}\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: reader{mark}\nsubjects:\n- kind: ServiceAccount\n  name: runner{mark}\n- kind: ServiceAccount\n  name: default\n  namespace: elsewhere\n"
            ));
            documents.push(format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: reader{mark}\nrules:\n- apiGroups: [\"\"]\n  resources: [configmaps]\n  resourceNames: [plain{mark}]\n  verbs: [get]\n"
            ));
        }
        if self.chance(2) {
            documents.push(format!(
                "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns{mark}\n"
            ));
        }
        if self.chance(2) {
            documents.push(format!(
                "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: thing{mark}\nspec:\n  items:\n  - name: one\n    value: 1\n  - name: two\n    value: 2\n  empty: null\n  nothing:\n  deep:\n    containers:\n    - image: nginx\n"
            ));
        }
        documents.join("---\n")
    }

    fn generators(&mut self, folder: &str, mark: &str, text: &mut String) {
        let name = if mark.is_empty() {
            "settings".to_owned()
        } else {
            format!("settings{mark}")
        };
        let _ = write!(
            text,
            "configMapGenerator:\n- name: {name}\n  literals:\n  - a=1\n  - b=\"x y\"\n"
        );
        if self.chance(2) {
            self.file(format!("{folder}/data.txt"), "some <text> & more\nline 2\n".into());
            text.push_str("  files:\n  - data.txt\n  - other.key=data.txt\n");
        }
        if self.chance(3) {
            text.push_str("  options:\n    disableNameSuffixHash: true\n    labels:\n      made: \"yes\"\n");
        }
        if self.chance(2) {
            self.file(
                format!("{folder}/keys.env"),
                "# a comment\nUSER=admin\nPASS=a=b c\nEMPTY=\nBARE\n".into(),
            );
            let _ = write!(text, "secretGenerator:\n- name: keys{mark}\n  envs:\n  - keys.env\n");
            if self.chance(2) {
                text.push_str("  type: example.com/kind\n");
            }
        }
        if self.chance(4) {
            text.push_str("generatorOptions:\n  annotations:\n    by: \"generator\"\n  immutable: true\n");
        }
    }

    /// Namespace, names, labels and annotations.
    fn common(&mut self, text: &mut String) {
        if self.chance(3) {
            let namespace = self.pick(&["team", "prod"]);
            let _ = writeln!(text, "namespace: {namespace}");
        }
        if self.chance(3) {
            let prefix = self.pick(&["pre-", "a-", "x"]);
            let _ = writeln!(text, "namePrefix: {prefix}");
        }
        if self.chance(3) {
            let suffix = self.pick(&["-v1", "-2", "x"]);
            let _ = writeln!(text, "nameSuffix: {suffix}");
        }
        match self.below(5) {
            0 => text.push_str("commonLabels:\n  owner: \"1\"\n"),
            1 => {
                text.push_str("labels:\n- pairs:\n    owner: us\n");
                match self.below(3) {
                    0 => text.push_str("  includeSelectors: true\n"),
                    1 => text.push_str("  includeTemplates: true\n"),
                    _ => {}
                }
            }
            _ => {}
        }
        if self.chance(3) {
            let value = self.text_value();
            let _ = write!(text, "commonAnnotations:\n  who: {value}\n");
        }
    }

    fn layer(&mut self, folder: &str, below: &[String], component: bool) {
        self.layer_over(folder, below, component, false);
    }

    fn layer_over(&mut self, folder: &str, below: &[String], component: bool, uses_part: bool) {
        let mut text = String::new();
        if component {
            text.push_str("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n");
        }
        if !below.is_empty() {
            let paths: Vec<String> = below.iter().map(|name| format!("../{name}")).collect();
            let _ = write!(text, "resources:\n{}", list(&paths));
        }
        if uses_part {
            text.push_str("components:\n- ../part\n");
        }
        self.common(&mut text);
        if self.chance(3) {
            text.push_str("images:\n- name: nginx\n");
            match self.below(3) {
                0 => text.push_str("  newTag: \"1.27\"\n"),
                1 => text.push_str("  newName: mirror.example/nginx\n  digest: sha256:ffff\n"),
                _ => text.push_str("  tagSuffix: -slim\n"),
            }
        }
        if self.chance(4) && !self.deployments.is_empty() {
            let name = self.deployment();
            let _ = write!(text, "replicas:\n- name: {name}\n  count: {}\n", self.below(9));
        }
        if self.chance(4) && !component {
            let behavior = self.pick(&["merge", "replace"]);
            let _ = write!(
                text,
                "configMapGenerator:\n- name: plain\n  behavior: {behavior}\n  literals:\n  - b=changed\n  - c=new\n"
            );
        }
        let patches = self.below(4);
        if patches > 0 {
            text.push_str("patches:\n");
            for _ in 0..patches {
                self.patch(folder, &mut text);
            }
        }
        if self.chance(4) {
            text.push_str("replacements:\n- source:\n    kind: ConfigMap\n    name: plain\n    fieldPath: data.b\n  targets:\n  - select:\n      kind: Deployment\n    fieldPaths:\n    - spec.template.metadata.labels.from\n    options:\n      create: true\n");
        }
        if self.chance(5) && !component {
            text.push_str("patchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: plain\n  data:\n    a: null\n    z: 5\n");
        }
        self.file(format!("{folder}/kustomization.yaml"), text);
    }

    fn deployment(&mut self) -> String {
        let at = self.below(self.deployments.len());
        self.deployments.get(at).cloned().unwrap_or_default()
    }

    /// One entry of `patches`, inline or in a file.
    fn patch(&mut self, folder: &str, text: &mut String) {
        let name = self.deployment();
        let json = self.chance(3);
        let (patch, needs_target) = if json {
            (self.json_patch(), true)
        } else {
            let kind = self.pick(&["Deployment", "Deployment", "StatefulSet"]);
            (self.merge_patch(&kind, &name), true)
        };
        if self.chance(2) {
            self.serial += 1;
            let path = format!("patch{}.yaml", self.serial);
            let _ = writeln!(text, "- path: {path}");
            self.file(format!("{folder}/{path}"), patch);
        } else {
            text.push_str("- patch: |-\n");
            for line in patch.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
        if needs_target {
            let target = match self.below(5) {
                0 => "kind: Deployment".to_owned(),
                1 => format!("name: {name}"),
                2 => "kind: (Deployment|StatefulSet)\n    labelSelector: app".to_owned(),
                3 => "annotationSelector: \"!sharding\"\n    group: apps".to_owned(),
                _ => format!("kind: Deployment\n    name: {}.*", name.chars().next().unwrap_or('a')),
            };
            let _ = write!(text, "  target:\n    {target}\n");
        }
    }

    fn merge_patch(&mut self, kind: &str, name: &str) -> String {
        let mut text = format!("apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {name}\n");
        if self.chance(3) {
            let value = self.pick(&VALUES);
            let _ = write!(text, "  annotations:\n    note: {value}\n    more: x\n");
        }
        if self.chance(5) {
            text.push_str("  labels:\n    tier: null\n");
        }
        text.push_str("spec:\n");
        if self.chance(3) {
            text.push_str("  replicas: 9\n");
        }
        text.push_str("  template:\n    spec:\n");
        if self.chance(3) {
            text.push_str("      tolerations:\n      - key: b\n");
        }
        if self.chance(4) {
            text.push_str(
                "      volumes:\n      - name: data\n        $patch: delete\n      - name: tmp\n        emptyDir: {}\n",
            );
        }
        text.push_str("      containers:\n");
        match self.below(6) {
            0 => text.push_str("      - name: c1\n        $patch: delete\n"),
            1 => text.push_str("      - name: c0\n        $patch: replace\n        image: replaced\n"),
            _ => {}
        }
        text.push_str("      - name: c0\n");
        if self.chance(2) {
            text.push_str("        args:\n        - --only\n");
        }
        if self.chance(2) {
            let value = self.pick(&VALUES);
            let _ = write!(
                text,
                "        env:\n        - name: E0\n          value: {value}\n        - name: NEW\n          value: \"1\"\n"
            );
        }
        if self.chance(3) {
            text.push_str("        ports:\n        - containerPort: 80\n          name: web\n        - containerPort: 443\n          protocol: TCP\n");
        }
        if self.chance(3) {
            text.push_str("        resources:\n          limits: {memory: 1Gi}\n");
        }
        if self.chance(4) {
            text.push_str("      - name: extra\n        image: sidecar\n");
        }
        text
    }

    fn json_patch(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(3) {
            let value = self.pick(&VALUES);
            match self.below(6) {
                0 => text.push_str("- op: add\n  path: /spec/template/spec/containers/0/args\n  value: [--json]\n"),
                1 => {
                    let _ = write!(
                        text,
                        "- op: add\n  path: /metadata/annotations/json\n  value: {value}\n"
                    );
                }
                2 => text.push_str("- op: replace\n  path: /spec/template/spec/containers/0/name\n  value: c0\n"),
                3 => text.push_str("- {op: add, path: /spec/minReadySeconds, value: 3}\n"),
                4 => text.push_str("- op: copy\n  from: /metadata/name\n  path: /spec/copied\n"),
                _ => text.push_str("- op: test\n  path: /apiVersion\n  value: apps/v1\n"),
            }
        }
        text
    }
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {item}\n")).collect()
}
