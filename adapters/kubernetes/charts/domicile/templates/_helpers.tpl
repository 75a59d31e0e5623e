{{- define "domicile.fullname" -}}
{{- if contains "domicile" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-domicile" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "domicile.selector" -}}
app.kubernetes.io/name: domicile
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "domicile.labels" -}}
{{ include "domicile.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: scheduler
app.kubernetes.io/part-of: domicile
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "domicile.continuum" -}}
{{- if and .Values.continuum.text .Values.continuum.existingConfigMap }}{{ fail "continuum: text and existingConfigMap exclude each other" }}{{ end -}}
{{- if .Values.continuum.existingConfigMap }}{{ .Values.continuum.existingConfigMap }}{{ else if .Values.continuum.text }}{{ include "domicile.fullname" . }}-continuum{{ else }}{{ fail "continuum: give text or existingConfigMap; without one no node has an identity" }}{{ end -}}
{{- end }}

{{- define "domicile.policies" -}}
{{- if and .Values.policies.files .Values.policies.existingConfigMap }}{{ fail "policies: files and existingConfigMap exclude each other" }}{{ end -}}
{{- if .Values.policies.existingConfigMap }}{{ .Values.policies.existingConfigMap }}{{ else }}{{ include "domicile.fullname" . }}-policies{{ end -}}
{{- end }}

{{- define "domicile.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "domicile.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "domicile.fullname" . }}
{{- end }}

{{/* Whether an object carries the data class annotation, and the class, in CEL. */}}
{{- define "domicile.celClass" -}}
(has({{ . }}.metadata.annotations) && 'domicile.eu/data-class' in {{ . }}.metadata.annotations ? {{ . }}.metadata.annotations['domicile.eu/data-class'] : '')
{{- end }}
