module github.com/telekey/telekey

go 1.26
