"""The invented languages of the world: word lists, and the grammars that join them to names.

Each has the symbols `artist`, `title`, `album` and `venue`. A name may be somebody's by chance; none is taken
from anybody.
"""

import re

import numpy as np
import numpy.typing as npt

_SYMBOL = re.compile(r"\{(\w+)\}")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[AEIOU])")

Texts = npt.NDArray[np.object_]
"""Strings, as objects."""


class Grammar:
    """Rules written as `symbol: alternative | alternative`, one per line.

    An alternative may hold `{symbol}`. A line with neither bars nor symbols lists single words, each an
    alternative. A symbol may have several lines.
    """

    def __init__(self, rules: str) -> None:
        self._rules: dict[str, list[list[str]]] = {}
        for line in filter(None, map(str.strip, rules.splitlines())):
            symbol, _, right = line.partition(": ")
            alternatives = right.split(" | ") if "|" in right or "{" in right else right.split()
            # at odd places of a split stand the symbols, at even ones the letters between them
            self._rules.setdefault(symbol, []).extend(_SYMBOL.split(text) for text in alternatives)

    def names(self, symbol: str, count: int, rng: np.random.Generator) -> Texts:
        """Texts for the symbol as names: with a capital, and `an` where English wants it."""
        made = self.make(symbol, count, rng)
        return np.array([*map(_as_name, made.tolist()), None], object)[:-1]

    def make(self, symbol: str, count: int, rng: np.random.Generator) -> Texts:
        """Texts for the symbol, object (count,). All that take the same alternative are made at once."""
        alternatives = self._rules[symbol]
        chosen = rng.integers(len(alternatives), size=count)
        order = np.argsort(chosen, kind="stable")
        bounds = np.searchsorted(chosen[order], np.arange(len(alternatives) + 1)).tolist()
        made = np.empty(count, object)
        for number, parts in enumerate(alternatives):
            here = order[bounds[number] : bounds[number + 1]]
            if len(here):
                made[here] = self._joined(parts, len(here), rng)
        return made

    def _joined(self, parts: list[str], count: int, rng: np.random.Generator) -> Texts | str:
        text: Texts | str = parts[0]
        for place, part in enumerate(parts[1:], 1):
            text = text + (self.make(part, count, rng) if place % 2 else part)
        return text


def _as_name(text: str) -> str:
    if "a " in text or "A " in text:
        text = _A_BEFORE_VOWEL.sub(r"\1n ", text)
    return text[0].upper() + text[1:]


LANGUAGES = {
    "english": Grammar("""
artist: The {adj} {things} | {adj} {thing} | {thing} {thing} | {first} {last} | {first} {last}
artist: {first} {last} | {coined} | {coined} {coined} | {thing} & {thing} | {first} and the {things}
artist: {coined} {thing} | {last} {things} | {first} {last} and the {adj} {things} of {town}
artist: {last}, {last} & {last}
first: Mara Otis Juniper Callum Wren Ada Silas Ione Barnaby Tess Rufus Odette Linus Perpetua Dorian Maud Ezra
first: Blythe Corin Hester Jasper Lorna Amos Thea Felix Nell Gideon Isolde Milo Petra Tobias Vesper Alma Rowan
first: Clement Iris
last: {last1}{last2}
last1: Ellen Thorn Marl Ash Wick Harl Brack Fenn Oster Quill Raven Sallow Tarn Under Whit Yar Copper Dun
last1: Hollin Larch
last2: wood mere stead combe worth ridge field gate hurst ford by thwaite wick bourne croft shaw dale holt
coined: {c1}{c2} | {c1}{c2}{c3} | {c1}{c3}
c1: Vel Zor Mi Lu Kas Or Ny Thal Ex Bri Sol Ven Quo Ter Pax Ro El Hal Jun Syl Wex Cal Du
c2: va ri mo ne xa lo tu ka ze do mi ra so le vi pha
c3: x n r th nd ra lis mont qua dor via tron lux ster
town: {last1}{last2} | North {last1}{last2} | {last1}{last2} Bay
title: {adj} {thing} | {adj} {things} | {thing} of {thing} | The {thing} and the {thing} | {verb} the {thing}
title: {verb} Me {dir} | {doing} {dir} | {time} in {town} | {doing} the {thing} | Where the {things} {go}
title: When {time} {goes} | Don't {verb} the {thing} | {adj} {adj} {thing} | {thing} {thing}
title: How to {verb} a {thing} | All My {things} Are {adj} | {time} {thing} | Letters from {town}
title: I Was a {thing} | Half a {thing}, Half a {thing} | {number} {things} | {number} {adj} {things}
title: You and the {adj} {thing} | {dir} the {adj} {thing} | {things} {go}
title: Somebody {verb} That {thing} Before {time} {goes} and the {things} {go} {dir}
album: {title} | {adj} {things} | The {thing} Sessions | {town} | Songs for {adj} {things} | {thing}
venue: the {adj} {thing} | {town} Hall | {town} Arena | the {last1}{last2} Rooms
adj: Paper Silver Hollow Crooked Velvet Slow Burning Pale Second Electric Quiet Broken Golden Borrowed Distant
adj: Feral Amber Weightless Salt Blue Restless Northern Invisible Marble Tender Plastic Lonesome Crimson
adj: Endless Sleepless Rusted Gentle Neon Wooden Bitter Holy Wild Frozen Drowsy Lucky Secret Barefoot Violet
adj: Half-Lit Unfinished Honest Tidal
thing: Lantern River Mirror Orchard Engine Harbour Ghost Window Satellite Meadow Needle Cathedral Kite Anchor
thing: Thunder Garden Telephone Sparrow Tower Compass Fever Carousel Shadow Letter Mountain Bicycle Comet
thing: Whisper Staircase Ribbon Avalanche Moth Ocean Alphabet Furnace Postcard Lighthouse Curtain Hurricane
thing: Pocket Season Elevator Halo Magnet Fox Highway Snowfall Tangerine Voltage Echo Parade Cabin Wolf
thing: Prairie Chandelier Engineer Tambourine
things: Lanterns Rivers Mirrors Orchards Engines Ghosts Windows Satellites Needles Kites Anchors Gardens
things: Sparrows Towers Letters Mountains Bicycles Comets Ribbons Moths Oceans Postcards Lighthouses Seasons
things: Elevators Magnets Foxes Highways Tangerines Echoes Parades Wolves Chandeliers Tambourines Strangers
things: Daughters Sailors Astronomers Thieves
verb: Follow Remember Forgive Hold Carry Wake Bury Borrow Paint Outrun Trust Unfold Answer Steal Keep Leave
verb: Swallow Burn
doing: Running Falling Waiting Breathing Driving Dancing Drifting Counting Sleeping Chasing Leaving Building
doing: Losing
dir: Home Under Away Slowly Backwards Tonight Beyond Through Upstairs Again Inside Without Over Beneath
go: Sleep Wait Collide Burn Return Sing Drown Begin Disappear Gather
goes: Sleeps Waits Burns Returns Sings Ends Begins Breaks Forgets Falls
time: Morning Midnight October Sunday Winter Daylight Tomorrow December Evening Summer Tuesday Twilight
number: Two | Three | Seven | Nine | Eleven | Forty | Sixteen | Ninety-Nine | A Thousand
"""),
    "french": Grammar("""
artist: Les {noms} {adjs} | {prenom} {patronyme} | {prenom} {patronyme} | {prenom} de {lieu}
artist: La {nomf} {adjf} | {patronyme} | {prenom} et les {noms} | MC {patronyme} | {nomf} {adjf}
prenom: Élodie Anaïs Maëlle Célestin Théodule Honorine Joséphine Baptiste Solène Gaëtan Noémie Aurélien
prenom: Clémence Loïc Apolline Côme Héloïse Armand Séverine Firmin Ondine Lazare
patronyme: {p1}{p2}
p1: March Vau Beau Clair Mont Roche Bois Fontaine Val Haute Pré Lan Cour Mar
p2: vert fort mont lieu court villiers gny rieu sart rose nelle bise
lieu: {p1}{p2} | Saint-{prenom} | {p1}{p2}-sur-{riv}
riv: Orne Loue Vire Aulne Yvette Sèvre
title: La {nomf} {adjf} | Le {nomm} {adjm} | Sous la {nomf} | {nomf} de {mois} | Donne-moi ta {nomf}
title: Les {noms} de {lieu} | Où vont les {noms} ? | À l'heure des {noms} {adjs} | J'ai perdu mon {nomm}
title: Quand tombe la {nomf} | Mon {nomm}, ma {nomf} | {mois} à {lieu} | Sans {nomf} ni {nomm}
title: Rien qu'un {nomm} | Ton {nomm} m'attend | Tous les {noms} sont {adjs}
title: Dis-leur que la {nomf} est {adjf} et que le {nomm} reviendra | Ça ira, {prenom} | {nomm} {adjm}
album: {title} | {lieu} | {noms} {adjs} | Chansons pour {prenom}
venue: l'Olympe de {lieu} | la Salle {patronyme} | {lieu}
nomf: nuit pluie lumière rivière fenêtre mémoire fièvre forêt poussière comète maison cigale valise tempête
nomf: brume lettre
nomm: vent silence miroir jardin matin soleil chagrin navire trottoir réveil manège secret parfum tonnerre
nomm: sommeil phare
noms: ombres amants oiseaux trains nuages marées violons hirondelles fantômes rues saisons cerises voiliers
noms: tilleuls
adjf: bleue douce lointaine blanche fragile perdue d'été immobile légère sauvage étrange
adjm: bleu doux lointain blanc fragile perdu d'été immobile léger sauvage étrange
adjs: douces fragiles d'hiver immobiles sauvages étranges tristes pâles
mois: janvier février mai juin juillet septembre novembre décembre
"""),
    "spanish": Grammar("""
artist: Las {cosas} {adjs} | {nombre} {apellido} | {nombre} {apellido} | {nombre} y las {cosas}
artist: La {cosa} {adj} | {nombre} del {sitio} | Orquesta {apellido} | El {apodo}
nombre: Inés Álvaro Lucía Néstor Ximena Joaquín Marisol Fermín Belén Ramón Aitana Íñigo Paloma Gonçalo
nombre: Conceição João
apellido: {a1}{a2}
a1: Val Monte Rio Casta Sala Zara Quin Villa Mira Bel Torre
a2: verde ñuela mar dero nares flor seca tana longa doza
apodo: Niño Zurdo Faro Relámpago Búho Marinero Cóndor
sitio: {a1}{a2} | Puerto {a1}{a2} | San {nombre}
title: La {cosa} {adj} | Donde duermen las {cosas} | Corazón de {cosa} | Baila, {nombre} | Sin tu {cosa}
title: {cosa} y {cosa} | No me digas {hora} | Te espero en {sitio} | Que vuelva la {cosa} | {hora} en {sitio}
title: Mi {cosa} {adj} | Ay, {cosa} | Las {cosas} no mienten | Cuando la {cosa} canta | Dame otra {cosa}
title: Saudade de {sitio} | Coração de {cosa} | Ya no quedan {cosas} {adjs} en las calles de {sitio}
album: {title} | {sitio} | {cosas} {adjs} | Cancionero de {nombre}
venue: el Teatro {apellido} | {sitio} | la Plaza de {apellido}
cosa: luna noche espina lluvia guitarra arena llama ventana sombra marea rosa frontera montaña señal mañana
cosa: canción
cosas: estrellas noches palmeras gaviotas mentiras campanas olas lágrimas velas cigarras
adj: azul salvaje eterna perdida dulce rota lejana ardiente sola
adjs: azules salvajes perdidas dulces rotas lejanas
hora: mañana adiós medianoche domingo abril
"""),
    "german": Grammar("""
artist: {vor} {nach} | {nach} | Die {dinge} | {ding} {ding} | {ort} Kollektiv | Kapelle {ort}
vor: Jürgen Änne Köbes Wiebke Björn Lieselotte Götz Fränzi Malte Käthe Sören
nach: {n1}{n2}
n1: Linden Grau Stern Hohen Eichen Nebel Silber Wolken
n2: thal müller feld brück au stein wald kamp
ort: {n1}{n2} | Bad {n1}{n2}
title: {ding} über {ort} | Zwischen {ding} und {ding} | Wo die {dinge} schlafen | Mein {ding}
title: {zeit} in {ort} | Kein {ding} mehr | Alle {dinge} fliegen | {dinge} im {ding} | Schöner {ding}
title: Für {vor} | {zeit}
album: {title} | {ort} | {ding}
venue: {ort} | der {n1}{n2}-Halle
ding: Nebel Schnee Mond Garten Morgen Himmel Rauch Spiegel Fluß Übermut Sommer Draht Beton
dinge: Straßen Vögel Träume Maschinen Gärten Lichter Schatten Wölfe Züge Türme
zeit: Mitternacht Frühling Sonntag Dämmerung Spätherbst
"""),
    "northern": Grammar("""
artist: {ord} | {ord} {ord} | {navn} {ord}sen | {navn} {ord}dóttir | {ord}{end}
navn: Åse Bjarkey Sölvi Ragnvør Eiður Ýrsa Øystein Þóra Ingvild
ord: {o1}{o2} | {o1}{o2}{o3}
o1: Hrím Sól Fjalla Skóg Myrk Vetr Ljós Grå Nord Blå Stjörnu Hav Kald Þoku Drøm
o2: völl fjörð ny heim vatn varg natt rød lund skygg eld
o3: ur in ar et a
end: ir a um
title: {ord} | {ord} og {ord} | Á {ord} | Í {ord} | {ord}, {ord} | Mot {ord} | Ekki {ord}
album: {ord} | {ord} {roman}
roman: I II III IV
venue: {ord}
"""),
    "arcane": Grammar("""
artist: {w} | {w} {w} | {w} of {w} | Order of {w} | {dark} {w} | {w}'s {dark2}
w: {a}{b} | {a}{b}{c}
a: Mor Xul Vhar Gor Nek Az Thra Ur Kro Bael Skû Zha
b: goth dûn mar rath zôr gul vak nith thul
c: ak os ûm eth
dark: Ashen Blackened Eternal Forsaken Iron Profane Sunless
dark2: Throne Descent Oath Pyre Crypt Vigil
title: {dark} {dark2} | The {dark2} of {w} | {dark2} and {dark2} | {w}, {dark} {dark2}
title: Beneath the {dark} {dark2} | March on {w} | {w} | No {dark2} for {w}
title: Upon the {dark} {dark2} of {w} I Swore an Oath to {w}
album: {title} | {w} | {dark2}
venue: {w}fest
"""),
    "japanese": Grammar("""
artist: {色}{物} | {物}{屋} | {姓}{名} | {姓}{名} | {物}と{物} | {カナ} | {カナ}{物}
色: 青い | 白い | 透明な | 夜の | 夏の | 遠い | 静かな | 赤い
物: 金魚 灯台 花火 電車 図書館 風船 月 海 蝶 雨 砂糖 映画館 鯨 窓 星座 手紙 猫 雪 自転車 影
屋: 倶楽部 楽団 商店 通信 少年 少女
姓: 水瀬 星野原 白鳥沢 月島谷 浅霧 藤波江 雪村瀬
名: ことね はるいち みおり 蒼太郎 ゆずは 凪助
カナ: {か}{な} | {か}{な}{か}
か: ミル カノ ソラ ルル ポラ ネオ トキ リボ
な: ット リア ーズ ニカ ーム ドラ
title: {色}{物} | {物}の{物} | {物}を{動} | {色}{物}と{物} | さよなら{物} | {季}の{物} | {物}になりたい
title: {カナ} | {季}、{物}を{動} | もう一度だけ{色}{物}を{動}夜に
動: 待つ 忘れる 探して 歌う 抱いて 数える
季: 春 夏 秋 冬 真夜中 夕暮れ 明日
album: {title} | {色}{物} | {カナ}
venue: {姓}ホール | {物}座
"""),
    "chinese": Grammar("""
artist: {姓}{名} | {姓}{名}{名} | {形}{物} | {物}乐队
姓: 林 苏 沈 顾 叶 江 白 温
名: 若 远 清 晚 舟 禾 岚 霖 溪
形: 蓝色 安静的 迷路的 透明 午夜 遥远的 失眠的 温柔的 褪色的 第七个
物: 月光 车站 海岸 纸船 灯火 雨伞 候鸟 旧信 山谷 烟花 邮局 钟楼 河流 云朵 鲸鱼 天台 末班车 银杏 风筝 冬夜 玻璃
物: 桥 梦
title: {形}{物} | {物}之后 | 在{物}等你 | 没有{物}的{物} | {物}与{物} | 请把{物}还给我 | 最后一盏{物}
title: {物}的{物} | 我和{形}{物} | 假如{物}会说话 | 再见，{物}
album: {title} | {物}
venue: {物}剧场
"""),
    "korean": Grammar("""
artist: {형} {물} | {영} | {성}{이름}{이름} | {물}소년단 | {영} {물}
형: 푸른 작은 먼 하얀 조용한 달콤한
물: 달빛 정원 바다 고래 우산 편지 별 기차 나비 소나기 그림자 여름
성: 윤 서 한 류 민
이름: 하 온 별 진 라 솔
영: {e1}{e2} | {e1}{e2}:{e1}
e1: NEO LU VIX MOA RYU ZEN
e2: NA RI XA ON EL
title: {형} {물} | {물}의 {물} | {물} 아래서 | {물}처럼 | 안녕, {물} | {물}을 기다리며 | 우리의 {형} {물}
title: {물} ({영})
album: {title} | {영} | {물}
venue: {물} 홀
"""),
    "arabic": Grammar("""
artist: {اسم} ال{لقب} | {اسم} {اسم} | فرقة {شيء} | {اسم} ال{لقب}
اسم: ليان رُبى نديم سُهاد زاهر مَيس غيث رفيف ورد أنيس سُها بسيم
لقب: ساحلي برّاق نحّاس زيتوني مرجاني
شيء: القمر البحر الليل الياسمين المطر النخيل الصحراء الفجر المدينة الغريب الوردة المرآة النافذة القافلة الغيمة
شيء: الميناء الحنين
title: {شيء} و{شيء} | يا {شيء} | أغنية {شيء} | عند {شيء} | قبل {شيء} | رسالة إلى {اسم} | لا تنسَ {شيء}
title: حين يغيب {شيء} | بين {شيء} و{شيء} | لولا {شيء} | من يشبه {شيء} | {شيء} لا ينام
album: {title} | {شيء}
venue: مسرح {شيء}
"""),
    "greek": Grammar("""
artist: {όν} {επ} | Οι {πλ} | {όν} και οι {πλ}
όν: Μυρτώ Ίων Δανάη Θάνος Ηλέκτρα Φοίβος Λυδία Αριάδνη Ορέστης Χλόη
επ: {ε1}{ε2}
ε1: Θαλασσ Φεγγαρ Πετρ Ανεμ Σταυρ Λιβαδ
ε2: ίδης άκη όπουλος ινός ού
πλ: Γλάροι Νύχτες Σκιές Άνεμοι Δρόμοι
title: Το φως της {γεν} | Νύχτα στη {τοπ} | Η {ον} της {γεν} | Πάρε με, {όν} | Δίχως {ον} | {ον} και {ον}
title: Όταν φυσά στη {τοπ} | Το τραγούδι της {γεν} | Μια {ον} για την {όν} | Στο λιμάνι της {γεν}
title: Χωρίς {ον}, χωρίς {ον}
γεν: θάλασσας μέρας αγάπης σιωπής βροχής νύχτας πόλης μνήμης άνοιξης φωτιάς
ον: βροχή θάλασσα σιωπή μνήμη φωτιά πόλη αυγή σκιά ξενιτιά καρδιά άνοιξη
τοπ: {ε1}ιά | {ε1}ούσα
album: {title}
venue: {ε1}ιά
"""),
    "african": Grammar("""
artist: {n} {n} | {n} & the {band} | Orchestre {n} de {n} | King {n} | {n} {n} and His {band} International
n: {a}{b} | {a}{b}{c} | {a}{c}
a: Adé Kó Mba Ndo Olú Sey Tché Yám Zu Wa Fẹ́
b: kún lá bi mó ngo sé wó ri tú
c: la ba dé mi nyo ro
band: Palm Kings | Highlife Rovers | Coastal Stars | Rhythm Doctors | Night Drummers
title: {n} {n} | {n} (Part One) | Mama {n} | {n} No Go {go} | Sweet {n} | {n} Dance | Wait for {n}
title: {n} {n} {n}
go: Sleep Cry Tire Fall Rush
album: {title} | {n} in {n} | The Sound of {n}
venue: the {n} Club
"""),
    "machine": Grammar("""
artist: {m}{k} | {m} {m} | {m}{d} | DJ {m}{k} | {m}{k} & {m} | {m}.{k}
m: Kov Trin Plex Onda Vekt Ruis Hexa Molo Sern Gral Dux Linn Opal Tessel Arka
k: ar ium ik os ette ex a ora
d: 808 101 909 77 303
title: {t} {t2} | {t} {t2} | {t} {d} | {t}{k} | {doing} {t2} | {t} in {key} | {t2} of {m}{k}
title: {doing} {t} {t2} | {m}{k} {t2} | {t}
t: Lattice Modul Parallax Cobalt Oscill Tundra Vertex Prism Kinet Solenoid Delta Pulse Granite Ferro Nocturn
t: Halogen Argon Strata Cascade Meridian Quartz Torus Helix Static Basalt Ultra Penumbra Carbon Isotope
t: Glacier Sodium Obsidian
t2: Drift Loop Sequence Room Circuit Theory Memory Field System Gate Signal Motion Station Garden Current
t2: Horizon
doing: Folding Bending Moving Tracing Shifting Erasing Leaving Entering Dissolving
key: D Minor | F Sharp | A Minor | E Flat | C Minor | B Flat
album: {t} {t2} | {t}{k} EP | {title}
venue: {m} Warehouse
"""),
}
"""Every language by name."""
