// Package domicile is the manual.
package domicile
