// SPDX-License-Identifier: EUPL-1.2
// accessibility.js - the statement on accessibility, as Dutch law asks of a public body.

import { h } from "./dom.js";
import { card, heading } from "./parts.js";

const list = (...items) =>
	h(
		"ul",
		null,
		items.map((item) => h("li", null, item)),
	);

export const accessibility = {
	title: () => "Toegankelijkheid",
	load: async () => ({}),
	render: () => [
		heading("Toegankelijkheid"),
		h(
			"p",
			{ class: "lead", key: "lead" },
			"Iedereen die met kinderen in de knel werkt, moet deze pagina kunnen gebruiken. Ook wie niet of slecht ziet, geen muis gebruikt of sterk vergroot.",
		),
		card(
			"Waar wij aan willen voldoen",
			{ class: "card", key: "norm" },
			h(
				"p",
				null,
				"Aan EN 301 549 en WCAG 2.1, niveau A en AA. Dat staat in het Besluit digitale toegankelijkheid overheid.",
			),
			h(
				"p",
				null,
				"De status die wij zelf geven: voldoet gedeeltelijk. Wij toetsen bij elke wijziging, maar een onafhankelijk onderzoek is nog niet gedaan.",
			),
		),
		card(
			"Wat wij toetsen",
			{ class: "card", key: "tests" },
			list(
				"Elk scherm, licht en donker, met een programma dat fouten in toegankelijkheid zoekt: geen enkele fout is toegestaan.",
				"Elk scherm met alleen het toetsenbord.",
				"Vergroten tot 400 procent en een scherm van 320 punten breed.",
				"Betekenis staat nooit alleen in een kleur.",
				"Wie minder beweging wil, krijgt geen beweging.",
			),
		),
		card(
			"Wat nog niet goed is",
			{ class: "card", key: "known" },
			list(
				"De uitleg bij een regel en de bronnen staan soms in het Engels. Zij zijn zo gemarkeerd, zodat een voorleesprogramma ze goed uitspreekt.",
				"De tekening van de levensloop is een plaatje. Daarbij staat een korte beschrijving. Wat er precies gebeurt, staat in de beslistabellen op dezelfde pagina.",
				"De grafieken zijn plaatjes. Naast of onder elke grafiek staat dezelfde informatie als tabel of als tekst.",
				"Wij hebben nog niet getoetst met mensen die elke dag een voorleesprogramma gebruiken.",
			),
		),
		card(
			"Loopt u ergens tegenaan?",
			{ class: "card", key: "contact" },
			h(
				"p",
				null,
				"Meld het aan de organisatie die u toegang gaf. Zij moet binnen vijf werkdagen laten weten wat zij ermee doet. Komt u er samen niet uit, dan kunt u naar de Nationale ombudsman.",
			),
		),
		h(
			"p",
			{ class: "hint", key: "date" },
			"Deze verklaring hoort bij deze versie van de pagina en wordt bij elke versie nagekeken.",
		),
	],
};
