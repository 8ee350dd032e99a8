# expect: 6 import, 7 import, 8 import, 8 input, 9 data, 9 import
# path: policies/lib/result/result.rego

package lib.result

import rego.v1
import future.keywords.in
import input.review.object as obj
import data.flux.no_remote_bases as control
