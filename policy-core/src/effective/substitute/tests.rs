//! What becomes of strings, held to what Flux's own packages make of them (pkg/kustomize v1.38 with pkg/envsubst v1.7).

use super::written::Place;
use super::{Hidden, Steps, Variables, is_name, substitute, takes_part};
use crate::effective::kustomize::{BuiltObject, Files};
use crate::error::Problem;
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::tree::{Segment, Span, pointer};

const VALUES: [(&str, &str); 14] = [
    ("n", "5"),
    ("s", "text"),
    ("e", ""),
    ("long", "hello world"),
    ("p", "/a/b/c.tar.gz"),
    ("q", "it's"),
    ("c", "a: b"),
    ("h", "x #y"),
    ("l", "[1, 2]"),
    ("b", "yes"),
    ("o", "0644"),
    ("dq", "\"5\""),
    ("u", "éA"),
    ("f", "1e3"),
];

/// Where a string stands, the string, and what Flux makes of the map or list that it stands in; empty where it fails.
#[rustfmt::skip]
const CASES: &[(Place, &str, &str)] = &[
    (Place::Value, "${n}", r##"{"k":5}"##),
    (Place::Value, "$${n}", r##"{"k":"${n}"}"##),
    (Place::Value, "$n", r##"{"k":"$n"}"##),
    (Place::Value, "${n:=d}", r##"{"k":5}"##),
    (Place::Value, "${x:=d}", r##"{"k":"d"}"##),
    (Place::Value, "${x:-d}", r##"{"k":"d"}"##),
    (Place::Value, "${x=d}", r##"{"k":"d"}"##),
    (Place::Value, "${x-d}", ""),
    (Place::Value, "${x:?d}", r##"{"k":"d"}"##),
    (Place::Value, "${x:+d}", r##"{"k":"d"}"##),
    (Place::Value, "${n:+d}", r##"{"k":5}"##),
    (Place::Value, "${#long}", r##"{"k":11}"##),
    (Place::Value, "${long:0:5}", r##"{"k":"hello"}"##),
    (Place::Value, "${long:6}", r##"{"k":"world"}"##),
    (Place::Value, "${long:-3}", r##"{"k":"hello world"}"##),
    (Place::Value, "${long: -3}", r##"{"k":"hello world"}"##),
    (Place::Value, "${long^}", r##"{"k":"Hello world"}"##),
    (Place::Value, "${long^^}", r##"{"k":"HELLO WORLD"}"##),
    (Place::Value, "${long,,}", r##"{"k":"hello world"}"##),
    (Place::Value, "${p#*/}", r##"{"k":"a/b/c.tar.gz"}"##),
    (Place::Value, "${p##*/}", r##"{"k":"c.tar.gz"}"##),
    (Place::Value, "${p%.*}", r##"{"k":"/a/b/c.tar"}"##),
    (Place::Value, "${p%%.*}", r##"{"k":"/a/b/c"}"##),
    (Place::Value, "${long/o/0}", r##"{"k":"hell0 world"}"##),
    (Place::Value, "${long//o/0}", r##"{"k":"hell0 w0rld"}"##),
    (Place::Value, "${long/#he/x}", r##"{"k":"xllo world"}"##),
    (Place::Value, "${long/%ld/x}", r##"{"k":"hello worx"}"##),
    (Place::Value, "${long//o}", ""),
    (Place::Value, "${long//o/}", r##"{"k":"hell wrld"}"##),
    (Place::Value, "${x:=${n}}", r##"{"k":5}"##),
    (Place::Value, "${x:=a${n}b}", r##"{"k":"a5b"}"##),
    (Place::Value, "${x:=a b}", r##"{"k":"a b"}"##),
    (Place::Value, "${n", ""),
    (Place::Value, "${}", ""),
    (Place::Value, "${n n}", ""),
    (Place::Value, "${a-b}", ""),
    (Place::Value, "$", r##"{"k":"$"}"##),
    (Place::Value, "$$", r##"{"k":"$"}"##),
    (Place::Value, "$$$", r##"{"k":"$$"}"##),
    (Place::Value, "$$$${n}", r##"{"k":"$${n}"}"##),
    (Place::Value, "a$${n}b${n}", r##"{"k":"a${n}b5"}"##),
    (Place::Value, "x: ${n}", r##"{"k":"x: 5"}"##),
    (Place::Value, "'${n}'", r##"{"k":"'5'"}"##),
    (Place::Value, r##""${n}""##, r##"{"k":"\"5\""}"##),
    (Place::Value, "- ${n}", r##"{"k":"- 5"}"##),
    (Place::Value, "${q}", r##"{"k":"it's"}"##),
    (Place::Value, "a ${q}", r##"{"k":"a it's"}"##),
    (Place::Value, "${c}", ""),
    (Place::Value, "${h}", r##"{"k":"x"}"##),
    (Place::Value, "${l}", r##"{"k":[1,2]}"##),
    (Place::Value, "${b}", r##"{"k":true}"##),
    (Place::Value, "${o}", r##"{"k":420}"##),
    (Place::Value, "${dq}", r##"{"k":"5"}"##),
    (Place::Value, "${f}", r##"{"k":1000}"##),
    (Place::Value, "${m}", r##"{"k":{"a":"b"}}"##),
    (Place::Value, "#${n}", r##"{"k":"#5"}"##),
    (Place::Value, "@${n}", r##"{"k":"@5"}"##),
    (Place::Value, "${n} #", r##"{"k":"5 #"}"##),
    (Place::Value, "a\n${n}\n", r##"{"k":"a\n5\n"}"##),
    (Place::Value, "a\n${n}", r##"{"k":"a\n5"}"##),
    (Place::Value, "${c}\nb", r##"{"k":"a: b\nb"}"##),
    (Place::Value, "${q}: x", ""),
    (Place::Value, "\t${n}", r##"{"k":"\t5"}"##),
    (Place::Value, " ${n}", r##"{"k":" 5"}"##),
    (Place::Value, "${n} ", r##"{"k":"5 "}"##),
    (Place::Value, "${u^^}", r##"{"k":"ÉA"}"##),
    (Place::Value, "${e}", r##"{"k":null}"##),
    (Place::Value, "${e:=d}", r##"{"k":"d"}"##),
    (Place::Value, "${e:-d}", r##"{"k":"d"}"##),
    (Place::Value, "${x:=}", r##"{"k":null}"##),
    (Place::Value, "${x:=:}", ""),
    (Place::Value, "${x:=$y}", r##"{"k":"$y"}"##),
    (Place::Value, "${x:=$${n}}", r##"{"k":"$5"}"##),
    (Place::Value, "{${n}}", r##"{"k":"{5}"}"##),
    (Place::Value, "[${n}]", r##"{"k":"[5]"}"##),
    (Place::Value, "${x:= d}", r##"{"k":"d"}"##),
    (Place::Value, "${x:=a}b}", r##"{"k":"ab}"}"##),
    (Place::Value, r##"${n:=\}}"##, r##"{"k":"5}"}"##),
    (Place::Value, r##"${p/\//x}"##, r##"{"k":"xa/b/c.tar.gz"}"##),
    (Place::Value, r##"${p//\//-}"##, r##"{"k":"-a-b-c.tar.gz"}"##),
    (Place::Value, "${long/l*o/}", r##"{"k":"hello world"}"##),
    (Place::Value, "${long:a}", r##"{"k":"hello world"}"##),
    (Place::Value, "${long:99}", r##"{"k":null}"##),
    (Place::Value, "${long:2:99}", r##"{"k":"llo world"}"##),
    (Place::Value, "${n,}", r##"{"k":5}"##),
    (Place::Value, "${_a:=1}", r##"{"k":1}"##),
    (Place::Value, r##"${x:="q"}"##, r##"{"k":"q"}"##),
    (Place::Value, "${x:='q'}", r##"{"k":"q"}"##),
    (Place::Value, "${x:=null}", r##"{"k":null}"##),
    (Place::Value, "${x:=[]}", r##"{"k":[]}"##),
    (Place::Value, "$(n)", r##"{"k":"$(n)"}"##),
    (Place::Value, "`${n}`", r##"{"k":"`5`"}"##),
    (Place::Value, "%{n} ${n}", r##"{"k":"%{n} 5"}"##),
    (Place::Value, "&${n}", r##"{"k":"&5"}"##),
    (Place::Value, "*${n}", r##"{"k":"*5"}"##),
    (Place::Value, "!${n}", r##"{"k":"!5"}"##),
    (Place::Value, "|${n}", r##"{"k":"|5"}"##),
    (Place::Value, ">${n}", r##"{"k":">5"}"##),
    (Place::Value, "? ${n}", r##"{"k":"? 5"}"##),
    (Place::Value, ": ${n}", r##"{"k":": 5"}"##),
    (Place::Value, "a:${n}", r##"{"k":"a:5"}"##),
    (Place::Value, "a: ${n}", r##"{"k":"a: 5"}"##),
    (Place::Value, "a #${n}", r##"{"k":"a #5"}"##),
    (Place::Value, "a#${n}", r##"{"k":"a#5"}"##),
    (Place::Value, "---${n}", r##"{"k":"---5"}"##),
    (Place::Value, "${n}---", r##"{"k":"5---"}"##),
    (Place::Value, "${n}${s}", r##"{"k":"5text"}"##),
    (Place::Value, "é ${n}", r##"{"k":"é 5"}"##),
    (Place::Value, r##"a\b ${n}"##, r##"{"k":"a\\b 5"}"##),
    (Place::Value, "${x:=a\nb}", r##"{"k":"a\nb"}"##),
    (Place::Value, "a${n}\n\nb\n\n", r##"{"k":"a5\n\nb\n\n"}"##),
    (Place::Value, "  a${n}\nb", r##"{"k":"  a5\nb"}"##),
    (Place::Value, "a \n${n}", r##"{"k":"a \n5"}"##),
    (Place::Value, "${#n}", r##"{"k":1}"##),
    (Place::Value, "${s^}${s,}", r##"{"k":"Texttext"}"##),
    (Place::Value, "${long##*o}", r##"{"k":"rld"}"##),
    (Place::Value, "${long%o*}", r##"{"k":"hello w"}"##),
    (Place::Value, "${long%%o*}", r##"{"k":"hell"}"##),
    (Place::Value, "${long#[}", r##"{"k":"hello world"}"##),
    (Place::Value, "${p#/?/}", r##"{"k":"b/c.tar.gz"}"##),
    (Place::Value, "${x:=${y:=${n}}}", r##"{"k":5}"##),
    (Place::Value, "${x:=${y}", ""),
    (Place::Value, "${n:1", ""),
    (Place::Value, "${n/", ""),
    (Place::Value, "${n//", ""),
    (Place::Value, "${n#}", ""),
    (Place::Value, "${n#a", ""),
    (Place::Value, "${n^^^}", ""),
    (Place::Value, "${n:}", ""),
    (Place::Value, "${n:=", ""),
    (Place::Value, "${long:0:${n}}", r##"{"k":"hello"}"##),
    (Place::Value, "${long:${n}}", r##"{"k":"world"}"##),
    (Place::Value, "${long/hello/${s}}", r##"{"k":"text world"}"##),
    (Place::Value, "${x:=a}${n}$${s}$s", r##"{"k":"a5${s}$s"}"##),
    (Place::Value, "${m} x", ""),
    (Place::Value, "&a ${n}", r##"{"k":"&a 5"}"##),
    (Place::Value, "${x:=*a}", ""),
    (Place::Value, "${x:=!!str 5}", r##"{"k":"5"}"##),
    (Place::Value, "${x:=~}", r##"{"k":null}"##),
    (Place::Value, "${x:=1_000}", r##"{"k":1000}"##),
    (Place::Value, "${x:=0x1F}", r##"{"k":31}"##),
    (Place::Value, "${x:=12:30}", r##"{"k":"12:30"}"##),
    (Place::Value, "${x:=2020-01-01}", r##"{"k":"2020-01-01"}"##),
    (Place::Value, "${x:=.inf}", ""),
    (Place::Value, "${x:=---}", r##"{"k":"---"}"##),
    (Place::Value, "${x:=- a}", ""),
    (Place::Value, "${x:=? a}", ""),
    (Place::Value, "${x:=|}", r##"{"k":""}"##),
    (Place::Value, "${x:=>}", r##"{"k":""}"##),
    (Place::Value, "${x:=%a}", ""),
    (Place::Value, "${x:=@a}", ""),
    (Place::Value, "${x:=`}", ""),
    (Place::Value, "${x:=a #b}", r##"{"k":"a #b"}"##),
    (Place::Value, r##"${x:="a}"##, ""),
    (Place::Value, r##"${x:=a"}"##, r##"{"k":"a\""}"##),
    (Place::Value, "${x:=a: }", r##"{"k":"a: "}"##),
    (Place::Value, "${x:=a:b}", r##"{"k":"a:b"}"##),
    (Place::Value, "'${q}'", ""),
    (Place::Value, r##""${dq}""##, r##"{"k":"\"\"5\"\""}"##),
    (Place::Value, "x: ${dq}", r##"{"k":"x: \"5\""}"##),
    (Place::Value, "# ${dq}", r##"{"k":"# \"5\""}"##),
    (Place::Value, "x: ${c}", r##"{"k":"x: a: b"}"##),
    (Place::Value, "x: ${h}", r##"{"k":"x: x #y"}"##),
    (Place::Value, "\t${dq}", ""),
    (Place::Value, "\t${q}", r##"{"k":"\tit's"}"##),
    (Place::Item, "${n}", "[5]"),
    (Place::Item, "${c}", r##"[{"a":"b"}]"##),
    (Place::Item, "${h}", r##"["x"]"##),
    (Place::Item, "${x:=- a}", r##"[["a"]]"##),
    (Place::Item, "${e}", "[null]"),
    (Place::Item, "a ${c}", r##"[{"a a":"b"}]"##),
    (Place::Item, "${n}\nb", r##"["5\nb"]"##),
    (Place::Item, "${l}", "[[1,2]]"),
    (Place::Item, "x: ${n}", r##"["x: 5"]"##),
    (Place::Key, "${n}", r##"{"5":"v"}"##),
    (Place::Key, "${s}", r##"{"text":"v"}"##),
    (Place::Key, "a-${s}", r##"{"a-text":"v"}"##),
    (Place::Key, "${b}", r##"{"true":"v"}"##),
    (Place::Key, "${c}", ""),
    (Place::Key, "x: ${n}", r##"{"x: 5":"v"}"##),
    (Place::Key, "${q}", r##"{"it's":"v"}"##),
    (Place::Key, "$${n}", r##"{"${n}":"v"}"##),
    (Place::Key, "${e}", ""),
    (Place::Key, "${m}", ""),
];

fn tree(text: &str) -> (Files, BuiltObject) {
    let mut files = Files::new(&Limits::standard());
    files.insert(
        "a.yaml",
        Source {
            id: SourceId(0),
            name: "a.yaml".into(),
            bytes: text.as_bytes().to_vec(),
        },
    );
    let node = files.objects(files.get("a.yaml").unwrap()).documents[0].root.clone();
    let object = BuiltObject {
        base: node.span,
        node,
        unknown: Vec::new(),
    };
    (files, object)
}

fn variables() -> Variables {
    let mut variables = Variables::default();
    for (name, value) in VALUES.into_iter().chain([("m", "{a: b}")]) {
        variables.set(&name.into(), value);
    }
    variables
}

fn substituted(text: &str, variables: &Variables) -> (BuiltObject, Vec<Problem>) {
    let (files, mut object) = tree(text);
    let mut steps = Steps { left: 1 << 20 };
    let problems = substitute(&mut object, variables, &files, &mut steps);
    (object, problems)
}

#[test]
fn strings_become_what_flux_makes_of_them() {
    let variables = variables();
    for (place, text, expected) in CASES {
        let quoted = serde_json::to_string(text).unwrap();
        let document = match place {
            Place::Key => format!("data: {{{quoted}: v}}\n"),
            Place::Value => format!("data: {{k: {quoted}}}\n"),
            Place::Item => format!("data: [{quoted}]\n"),
        };
        let (object, problems) = substituted(&document, &variables);
        let case = format!("{place:?} {text:?}: {problems:?}");
        assert_eq!(object.unknown, [], "{case}");
        if expected.is_empty() {
            assert_eq!(problems.len(), 1, "{case}");
            assert_eq!(
                (problems[0].source.as_deref(), problems[0].line),
                (Some("a.yaml"), Some(1))
            );
            continue;
        }
        assert_eq!(problems, [], "{case}");
        let wanted: serde_json::Value = serde_json::from_str(expected).unwrap();
        let got = object.node.to_json()["data"].clone();
        // Go writes the float 1000.0 as 1000.
        assert_eq!(got.to_string().replace("1000.0", "1000"), wanted.to_string(), "{case}");
    }
}

#[test]
fn a_negative_length_counts_from_the_end() {
    // From pkg/envsubst v1.8 on; before, Flux failed for it.
    let cases = [
        ("${long:0:-3}", "hello wo"),
        ("${long:8:-8}", ""),
        ("${long:2:-1}", "llo worl"),
    ];
    for (text, expected) in cases {
        let (object, problems) = substituted(&format!("k: x {text}\n"), &variables());
        assert_eq!(problems, []);
        assert_eq!(
            object.node.get("k").unwrap().as_str(),
            Some(format!("x {expected}").trim_end())
        );
    }
}

fn hidden(reason: &str) -> Hidden {
    let at = Span {
        source: SourceId(7),
        start: 1,
        end: 2,
    };
    Hidden {
        reason: reason.into(),
        at,
    }
}

fn unknown(object: &BuiltObject) -> Vec<(String, &str)> {
    let each = |unknown: &'_ crate::effective::kustomize::Unknown| pointer(&unknown.path);
    object.unknown.iter().map(|one| (each(one), &*one.reason)).collect()
}

#[test]
fn what_has_no_value_is_unknown_and_stands_as_it_was() {
    let mut variables = variables();
    variables.hide(&"password".into(), hidden("of a Secret"));
    let text = "\
a: ${none}
b: ${none:=1}
c: [x, 'y ${password:-z}']
d: ${n:=${password}}
m:
  ${none}: ${n}
e: ${#password}
";
    let (object, problems) = substituted(text, &variables);
    assert_eq!(problems, []);
    let unset = "the variable none has no value: Flux 2.9 and later fail for it, older ones put nothing in its place";
    assert_eq!(
        unknown(&object),
        [
            ("/a".into(), unset),
            ("/c/1".into(), "of a Secret"),
            ("/m".into(), unset),
            ("/e".into(), "of a Secret"),
        ]
    );
    assert_eq!(object.unknown[1].at.source, SourceId(7));
    let json = object.node.to_json();
    assert_eq!(
        (&json["a"], &json["b"], &json["d"]),
        (&"${none}".into(), &1.into(), &5.into())
    );
    assert_eq!(json["c"][1], "y ${password:-z}");
}

#[test]
fn a_source_that_cannot_be_seen_may_set_anything_but_what_comes_later() {
    let mut variables = variables();
    variables.hide_all(hidden("elsewhere"));
    variables.set(&"late".into(), "9\n9");
    let (object, _) = substituted("a: ${n}\nb: ${new:=1}\nc: ${late}\n", &variables);
    assert_eq!(
        unknown(&object),
        [("/a".into(), "elsewhere"), ("/b".into(), "elsewhere")]
    );
    assert_eq!(object.node.to_json()["c"], 99);
}

#[test]
fn changed_values_stand_where_they_were_written() {
    let (object, _) = substituted("a:\n  b: ${m}\n  ${s}: c\n", &variables());
    let at = |path: &[&str]| {
        let path: Vec<Segment> = path.iter().map(|key| Segment::Key((*key).into())).collect();
        object.node.locate(&path).start
    };
    assert_eq!((at(&["a", "b", "a"]), at(&["a", "text"])), (8, 21));
}

#[test]
fn what_is_unknown_stays_so_under_a_new_name() {
    let (files, mut object) = tree("m: {'${s}': {x: 1}}\n");
    object.unknown.push(crate::effective::kustomize::Unknown {
        path: ["m", "${s}", "x"].map(|key| Segment::Key(key.into())).into(),
        reason: "before".into(),
        at: object.base,
    });
    substitute(&mut object, &variables(), &files, &mut Steps { left: 1000 });
    assert_eq!(unknown(&object), [("/m/text/x".into(), "before")]);
}

#[test]
fn growth_ends_in_a_problem() {
    let mut variables = Variables::default();
    variables.set(&"x".into(), &"a".repeat(10_000));
    for text in [
        format!("k: {}\n", "${x}".repeat(1000)),
        format!("k: {}\n", "${x#*a*a*a*b}".repeat(1000)),
        "k: ${x//a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}\n".into(),
    ] {
        let (_, problems) = substituted(&text, &variables);
        assert_eq!(problems[0].code, "limit-substitution");
    }
    let deep = format!("k: {}{}\n", "${a:=".repeat(100_000), "}".repeat(100_000));
    let (_, problems) = substituted(&deep, &variables);
    assert_eq!(problems[0].code, "substitute-syntax");
}

#[test]
fn objects_may_keep_out_of_it() {
    let key = "kustomize.toolkit.fluxcd.io/substitute";
    for (field, value, takes) in [
        ("labels", "disabled", false),
        ("annotations", "disabled", false),
        ("annotations", "Disabled", true),
        ("annotations", "enabled", true),
    ] {
        let (_, object) = tree(&format!("metadata: {{{field}: {{{key}: {value}}}}}\n"));
        assert_eq!(takes_part(&object), takes, "{field} {value}");
    }
}

#[test]
fn names_of_variables() {
    for (name, valid) in [
        ("a", true),
        ("_A9", true),
        ("9a", false),
        ("a-b", false),
        ("a.b", false),
        ("", false),
    ] {
        assert_eq!(is_name(name), valid, "{name}");
    }
}

#[test]
fn values_are_never_said() {
    let mut variables = Variables::default();
    variables.set(&"x".into(), "hunter2: hunter2");
    let (object, problems) = substituted("a: ${x}\nb: ${x^^}\nc: ${none}\n", &variables);
    assert_eq!(problems.len(), 2);
    assert!(
        !format!("{problems:?}{:?}", object.unknown)
            .to_lowercase()
            .contains("hunter2")
    );
}
