package lib.flags_test

import data.lib.flags

_refused(type, text) if count([1 | flags.value(type, text) != null]) == 0

test_bool_has_twelve_spellings if {
	every text in ["1", "t", "T", "true", "TRUE", "True"] {
		flags.value("bool", text) == true
	}
	every text in ["0", "f", "F", "false", "FALSE", "False"] {
		flags.value("bool", text) == false
	}
	every text in ["", "yes", "no", "on", "TrUe", "true ", " true", "2", "fAlse"] {
		_refused("bool", text)
	}
}

test_int_with_base_prefixes if {
	every text, want in {
		"0": 0, "5": 5, "+5": 5, "-5": -5, "0x10": 16, "0X1f": 31, "0b101": 5, "0B1": 1, "0o17": 15, "0O7": 7, "017": 15, "00": 0,
		"1_000": 1000, "0x_1F": 31, "0xffffffff": 4294967295, "-0x10": -16, "999999999999999": 999999999999999, "-0": 0, "0x0": 0, "0x00b": 11,
	} {
		flags.value("int", text) == want
	}
	every text in ["", "x", "1.5", "1e3", "08", "0x", "0b2", "0xg", "1__0", "_1", "1_", "+", "--1", "5 ", "9223372036854775808", "99999999999999999999"] {
		_refused("int", text)
	}
}

test_int_beyond_exact_numbers_stays_text if {
	every text, want in {
		"9007199254740993": "9007199254740993",
		"9223372036854775807": "9223372036854775807",
		"0x1000000000": "0x1000000000",
		"0x7fffffffffffffff": "0x7fffffffffffffff",
		"0b111111111": "0b111111111",
		"-9007199254740993": "-9007199254740993",
	} {
		flags.value("int", text) == want
	}
	_refused("int", "0xffffffffffffffff")
	_refused("int", "0x1ffffffffffffffff")
}

test_small_unsigned if {
	flags.value("uint8", "255") == 255
	flags.value("uint16", "0xff") == 255
	flags.value("uint16", "65535") == 65535
	every text in ["256", "-1", "+1", "x", "", "9007199254740993"] {
		_refused("uint8", text)
	}
	_refused("uint16", "65536")
}

test_float if {
	every text, want in {"50": 50, "2.5": 2.5, "+0.5": 0.5} {
		flags.value("float", text) == want
	}
	every text in ["1e3", "-1", ".5", "5.", "inf", "-Infinity", "NaN", "0x1p-2", "007"] {
		flags.value("float", text) == text
	}
	every text in ["", "x", "1,5", "1e", "."] {
		_refused("float", text)
	}
}

test_duration if {
	every text in ["0", "+0", "30s", "1h30m", "1.5h", ".5s", "5.s", "-1m", "750ms", "1us", "1µs", "1ns"] {
		flags.value("duration", text) == text
	}
	every text in ["", "30", "s", "1d", "1 s", "1h ", "x", "."] {
		_refused("duration", text)
	}
}

test_text_and_lists if {
	flags.value("string", "") == ""
	flags.value("any", "x") == "x"
	flags.value("stringArray", "a,b") == ["a,b"]
	flags.value("stringSlice", "a,b") == ["a", "b"]
	flags.value("stringSlice", "") == []
}

test_gates if {
	flags.value("gates", "A=true, B = 0 ,,C=T") == [["A", true], ["B", false], ["C", true]]
	flags.value("gates", "") == []
	every text in ["A", "A=yes", "A=true,B", "A==true", "A=true=false"] {
		_refused("gates", text)
	}
}
