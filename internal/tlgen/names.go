package main

import (
	"strings"
	"unicode"
)

// initialisms are words that Go writes in capitals.
var initialisms = map[string]string{
	"api": "API", "dc": "DC", "dh": "DH", "html": "HTML", "http": "HTTP", "https": "HTTPS", "id": "ID", "ids": "IDs",
	"ip": "IP", "ipv6": "IPv6", "json": "JSON", "pq": "PQ", "qr": "QR", "rpc": "RPC", "sms": "SMS", "srp": "SRP", "tcp": "TCP",
	"tcpo": "TCPO", "tos": "TOS", "ttl": "TTL", "udp": "UDP", "ui": "UI", "uri": "URI", "url": "URL", "urls": "URLs", "webrtc": "WebRTC",
}

// goName spells a schema name as Go does: auth.sentCodeTypeSms is
// AuthSentCodeTypeSMS, phone_code_hash is PhoneCodeHash.
func goName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		if known, ok := initialisms[strings.ToLower(word)]; ok {
			b.WriteString(known)
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// words splits at dots, underscores and where a capital follows a small letter.
func words(name string) []string {
	var list []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '_' }) {
		start := 0
		for i := 1; i < len(part); i++ {
			if unicode.IsUpper(rune(part[i])) && !unicode.IsUpper(rune(part[i-1])) {
				list, start = append(list, part[start:i]), i
			}
		}
		list = append(list, part[start:])
	}
	return list
}

// fileName returns the name of the generated file that holds a definition: one
// file for each namespace.
func fileName(name string) string {
	space, _, ok := strings.Cut(name, ".")
	if !ok {
		space = "api"
	}
	return strings.ToLower(space) + "_gen.go"
}
