# SPDX-License-Identifier: EUPL-1.2
# Names of gemeenten, regions and centres for the page, from the national registry: one line a name.
#   awk -f tools/names.awk services/triage/registry/nl.yaml >build/gen/web/names.js
BEGIN {
	print "// SPDX-License-Identifier: EUPL-1.2"
	print "// Made from the registry by tools/names.awk. Names and borders: Statistics Netherlands (CBS) and Kadaster/PDOK, CC BY 4.0."
	print "export const names = new Map(["
}
/^ *- \{code: (GM|JZ|EC-|PC-)/ && /name: / {
	code = $0
	sub(/.*code: /, "", code)
	sub(/[,}].*/, "", code)
	name = $0
	sub(/.*name: /, "", name)
	sub(/}.*/, "", name)
	sub(/ -> .*/, "", name)
	gsub(/"/, "", name)
	printf "\t[\"%s\", \"%s\"],\n", code, name
}
END {
	print "]);"
}
