module github.com/telekey/telekey/interop/pauses

go 1.26.0
