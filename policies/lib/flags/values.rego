package lib.flags

# The value that a flag of this type takes from a text; undefined where the controller would refuse it.
value(type, text) if {
	type == "bool"
	text in {"1", "t", "T", "true", "TRUE", "True"}
}

value(type, text) := false if {
	type == "bool"
	text in {"0", "f", "F", "false", "FALSE", "False"}
}

value(type, text) := text if type in {"string", "any"}

value(type, text) := number if {
	type == "int"
	number := _integer(text)
}

value(type, text) := number if {
	limits := {"uint8": 255, "uint16": 65535}
	not startswith(text, "+")
	number := _integer(text)
	number >= 0
	number <= limits[type]
}

value(type, text) := number if {
	type == "float"
	number := _float(text)
}

value(type, text) := text if {
	type == "duration"
	regex.match(`^[+-]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`, text)
}

value(type, text) := [text] if type == "stringArray"

value(type, text) := [part | some part in split(text, ","); text != ""] if type == "stringSlice"

value(type, text) := pairs if {
	type == "gates"
	segments := [segment | some segment in split(text, ","); segment != ""]
	pairs := [[trim_space(halves[0]), setting] |
		some segment in segments
		halves := split(segment, "=")
		count(halves) == 2
		setting := value_of_bool(trim_space(halves[1]))
	]
	count(pairs) == count(segments)
}

value_of_bool(text) if text in {"1", "t", "T", "true", "TRUE", "True"}

value_of_bool(text) := false if text in {"0", "f", "F", "false", "FALSE", "False"}

# Integers as Go reads them with base prefixes. Beyond what a number holds exactly, the text.
_integer(text) := number if {
	regex.match(`^[+-]?(0[xX](_?[0-9a-fA-F])+|0[bB](_?[01])+|0[oO]?(_?[0-7])+|0|[1-9](_?[0-9])*)$`, text)
	digits := lower(replace(trim_left(text, "+-"), "_", ""))
	magnitude := _magnitude(digits)
	number := _signed(magnitude, text)
}

_signed(magnitude, text) := 0 - magnitude if {
	is_number(magnitude)
	startswith(text, "-")
} else := magnitude if {
	is_number(magnitude)
} else := text

_magnitude(digits) := number if {
	regex.match(`^[1-9]`, digits)
	number := _decimal(digits)
}

_magnitude(digits) := number if {
	startswith(digits, "0")
	[base, body] := _based(digits)
	number := _sum(base, body)
}

_based(digits) := ["16", trim_left(substring(digits, 2, -1), "0")] if {
	startswith(digits, "0x")
} else := ["2", trim_left(substring(digits, 2, -1), "0")] if {
	startswith(digits, "0b")
} else := ["8", trim_left(digits, "0o")]

_decimal(digits) := to_number(digits) if {
	count(digits) <= 15
} else := digits if {
	count(digits) <= 18
} else := digits if {
	count(digits) == 19
	digits <= "9223372036854775807"
}

_sum(base, body) := sum([part |
	some i, digit in split(body, "")
	part := indexof("0123456789abcdef", digit) * _powers[base][(count(body) - 1) - i]
]) if {
	count(body) <= 8
} else := body if {
	count(body) <= {"16": 15, "8": 21, "2": 63}[base]
} else := body if {
	base == "16"
	regex.match(`^[0-7].{15}$`, body)
}

_powers := {
	"16": [1, 16, 256, 4096, 65536, 1048576, 16777216, 268435456],
	"8": [1, 8, 64, 512, 4096, 32768, 262144, 2097152],
	"2": [1, 2, 4, 8, 16, 32, 64, 128],
}

# Decimal forms as numbers; other forms that Go accepts as the text.
_float(text) := to_number(trim_left(text, "+")) if {
	regex.match(`^\+?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$`, text)
} else := text if {
	regex.match(`^[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|0[xX][0-9a-fA-F]+\.?[0-9a-fA-F]*[pP][+-]?[0-9]+|(?i:inf|infinity|nan))$`, text)
}
