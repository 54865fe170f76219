// Command prose counts the clauses that take the place of a noun in the comments of
// Go files and in the documents of the repository, and fails where they are many.
//
//	prose [-list] [DIRECTORY]
//
// A sentence with the thing as its subject and the usual noun is read once.
package main

import (
	"flag"
	"fmt"
	"os"
)

// limit is how many clauses there may be in 1,000 lines of comments, and in 1,000
// lines of documents.
const limit = 10

func main() {
	list := flag.Bool("list", false, "print each place")
	flag.Parse()
	dir := "."
	if flag.NArg() > 0 {
		dir = flag.Arg(0)
	}
	comments, documents, err := count(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	isGood := true
	for _, kind := range []tally{comments, documents} {
		if *list {
			for _, place := range kind.places {
				fmt.Println(place)
			}
		}
		fmt.Printf("%s: %d clauses in %d lines, %.1f in 1,000; at most %d\n", kind.name, len(kind.places), kind.lines, kind.rate(), limit)
		isGood = isGood && kind.rate() <= limit
	}
	if !isGood {
		os.Exit(1)
	}
}
