# expect: 6 builtin, 8 builtin, 10 builtin, 12 builtin
# path: policies/lib/images/images.rego

package lib.images

now := time.now_ns()

fetched := http.send({"method": "get", "url": "https://example.com"})

decoded(text) := yaml.unmarshal(text)

random := rand.intn("x", 10)

allowed(text) := regex.match(`^a+$`, trim_space(text))
