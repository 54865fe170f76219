// This file lets values.go declare functions without bodies.
