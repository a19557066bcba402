{{- define "regcred.name" -}}
{{- if contains "regcred" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-regcred" (.Release.Name | trunc 32 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "regcred.selector" -}}
app.kubernetes.io/name: regcred
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "regcred.labels" -}}
{{ include "regcred.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "regcred.image" -}}
{{- with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ end }}
{{- end }}

{{- /* Backends that use no token: what `regcred backends` calls `never`. */ -}}
{{- define "regcred.tokenless" -}}static{{- end }}

{{- /* The audiences of the entries that use a token, as JSON: those of `regcred generate rbac`. An entry without one
would get its audience from its backend there; here it must be written, since a template cannot ask a backend. */ -}}
{{- define "regcred.audiences" -}}
{{- $all := list }}
{{- range .Values.registries }}
{{- $use := .serviceAccountToken | default (ternary "never" "used" (has .backend (splitList " " (include "regcred.tokenless" $)))) }}
{{- if ne $use "never" }}
{{- if not .audience }}{{ fail (printf "registries: %q: `audience` is missing, so the nodes get no right to request its token; set it, or serviceAccountToken: never where no token is wanted" .name) }}{{ end }}
{{- if eq .audience "*" }}{{ fail (printf "registries: %q: the audience \"*\" would let the nodes ask for any audience; give the entry an `audience` of its own" .name) }}{{ end }}
{{- $all = append $all .audience }}
{{- end }}
{{- end }}
{{- toJson (uniq $all) }}
{{- end }}

{{- /* What the kubelet's file depends on, and nothing else: of the settings, those that decide whose token it sends, for
how long it keeps an answer, and which annotations. A change rolls the DaemonSet; any other is copied to the nodes. */ -}}
{{- define "regcred.plan" -}}
{{- $entries := list }}
{{- range .Values.registries }}
{{- $settings := pick (.settings | default dict) "mode" "identity" "roleAnnotations" }}
{{- $entries = append $entries (merge (dict "settings" $settings) (pick . "matchImages" "audience" "backend" "serviceAccountToken" "annotations")) }}
{{- end }}
{{- toJson (list $entries .Values.paths .Values.kubelet) | sha256sum }}
{{- end }}

{{- define "regcred.defaults" -}}
{{- $computed := dict "metricsFile" (printf "%s/requests.prom" .Values.paths.run) }}
{{- if .Values.events.enabled }}{{ $_ := set $computed "eventSpool" (printf "%s/events" .Values.paths.run) }}{{ end }}
{{- toYaml (merge $computed (deepCopy .Values.defaults)) }}
{{- end }}

{{- /* Fails when regcred would be asked for its own image: on a node without it, or with a broken one, it could never be
pulled. By the kubelet's rules of matchImages; a label with [ or \ counts as a match. */ -}}
{{- define "regcred.checkOwnImage" -}}
{{- $image := .Values.image.repository }}
{{- $parts := splitList "/" $image }}
{{- $host := first $parts }}
{{- $path := printf "/%s" (rest $parts | join "/") }}
{{- if or (eq (len $parts) 1) (not (or (contains "." $host) (contains ":" $host) (eq $host "localhost"))) }}
{{- $host = "docker.io" }}
{{- $path = printf "/%s%s" (ternary "library/" "" (eq (len $parts) 1)) $image }}
{{- end }}
{{- range $entry := .Values.registries }}
{{- range $pattern := $entry.matchImages }}
{{- $own := regexFind "^[^?#]*" $pattern | splitList "/" }}
{{- $expression := "" }}
{{- range splitList "." (first $own | replace "index.docker.io" "docker.io") }}
{{- $label := ternary "[^.]*" (regexQuoteMeta . | replace "\\*" "[^.]*") (or (contains "[" .) (contains "\\" .)) }}
{{- $expression = ternary $label (printf "%s\\.%s" $expression $label) (eq $expression "") }}
{{- end }}
{{- $prefix := ternary "" (printf "/%s" (rest $own | join "/")) (eq (len $own) 1) }}
{{- if and (regexMatch (printf "^%s$" $expression) $host) (hasPrefix (trimSuffix "/" $prefix) $path) }}
{{- fail (printf "image.repository: %s matches %q of the registry %q, so the installer would need what it installs; push it to another registry, or narrow the pattern" $image $pattern $entry.name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
