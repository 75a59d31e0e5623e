# No rules: the what-if of the tests that drops every policy.
package domicile.continuum.none
