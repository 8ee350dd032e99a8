package lib.selector_test

import data.lib.selector

# [text, error]
_cases := [
	["", ""],
	[" \t", ""],
	["k=v", ""],
	["k==v", ""],
	["k=", ""],
	["k in (a,b)", ""],
	["k in ()", ""],
	["k notin(a)", ""],
	["k in (,a,,b,)", ""],
	["k", ""],
	["! k", ""],
	["in in (in)", ""],
	["sharding.fluxcd.io/key=shard1,tier in (a, b) , !x", ""],
	["k!=v", "the operator != is not accepted for a watched label"],
	["k>1", "it is not a label selector"],
	[",k", "it is not a label selector"],
	["k,", "it is not a label selector"],
	["kin(a)", "it is not a label selector"],
	["k in a", "it is not a label selector"],
	["!k=v", "it is not a label selector"],
	["k=a b", "it is not a label selector"],
	["k in (=)", "it is not a label selector"],
	["a/b/c", "a label key is malformed"],
	["A.b/c=1", "a label key is malformed"],
	["/c", "a label key is malformed"],
	["a/", "a label key is malformed"],
	["k_", "a label key is malformed"],
	["k=a-", "a label value is malformed"],
	["k in (a b)", "a label value is malformed"],
	[concat("=", ["k", concat("", [sprintf("%v", [1]) | some _ in numbers.range(1, 64)])]), "a label value is malformed"],
]

test_errors if {
	every case in _cases {
		selector.parse(case[0]).error == case[1]
	}
}

test_only_text_is_parsed if {
	every value in [null, 1, true, [], {}] {
		not selector.parse(value)
	}
}

test_refused if {
	selector.refused(selector.parse("k!=v"))
	not selector.refused(selector.parse("k notin (v)"))
}

test_everything if {
	selector.everything(selector.parse(""))
	selector.everything(selector.parse(" "))
	not selector.everything(selector.parse("k"))
	not selector.everything(selector.parse("k=,"))
}

# [selector, labels that it selects, labels that it does not]
_matching := [
	["", [{}, {"k": "a"}], []],
	["k=a", [{"k": "a"}], [{}, {"k": "b"}, {"k": 1}]],
	["k=a,k=b", [{"k": "b"}], [{"k": "a"}]],
	["k=a,k in (a,b)", [{"k": "a"}], [{"k": "b"}]],
	["k=", [{"k": ""}, {"k": null}], [{}, {"k": "a"}]],
	["k!=a", [{}, {"k": "b"}], [{"k": "a"}]],
	["k notin (a,b)", [{}, {"k": "c"}], [{"k": "a"}, {"k": "b"}]],
	["k", [{"k": "a"}, {"k": ""}], [{}]],
	["!k", [{}, {"j": "a"}], [{"k": "a"}]],
	["!k,k", [], [{}, {"k": "a"}]],
	["k=a-", [], [{}, {"k": "a-"}]],
]

test_matches if {
	every case in _matching {
		every labels in case[1] {
			selector.matches(selector.parse(case[0]), labels)
		}
		every labels in case[2] {
			not selector.matches(selector.parse(case[0]), labels)
		}
	}
}

test_labels_of_a_wrong_type_are_none if {
	every labels in [null, 1, "k", []] {
		selector.matches(selector.parse("!k"), labels)
		not selector.matches(selector.parse("k"), labels)
	}
}

# [one, other, do they overlap]
_pairs := [
	["", "", true],
	["", "k=a", true],
	["!k", "k=a", false],
	["k=a", "k=b", false],
	["k=a", "k==a", true],
	["k=a", "j=a", true],
	["k in (a,b)", "k in (b,c)", true],
	["k in (a,b)", "k in (c)", false],
	["k notin (a,b)", "k in (a)", false],
	["k notin (a)", "k in (a,b)", true],
	["k notin (a)", "!k", true],
	["k!=a", "k=a", false],
	["k!=a", "!k", true],
	["k", "!k", false],
	["k", "k notin (a)", true],
	["k=a,tier=x", "k=a,tier=y", false],
	["k=a,tier=x", "k=a,zone=y", true],
	["k,!k", "", false],
	["k=a-", "", false],
]

test_overlap if {
	every pair in _pairs {
		found := {true | selector.overlap(selector.parse(pair[0]), selector.parse(pair[1]))}
		found == {true | pair[2] == true}
		back := {true | selector.overlap(selector.parse(pair[1]), selector.parse(pair[0]))}
		back == found
	}
}

test_demanded if {
	selector.demanded(selector.parse("k=a,j,!i,h notin (x)")) == {"k", "j"}
	selector.demanded(selector.parse("")) == set()
	selector.demanded(selector.parse("k,!k")) == set()
	selector.demanded(selector.parse("k=a-")) == set()
}

test_about if {
	selector.about(selector.parse("k=a,j"), "j") == [{"key": "j", "operator": "exists", "values": []}]
	selector.about(selector.parse("k=a"), "x") == []
}
