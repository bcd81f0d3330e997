"""The demo corpus's titles: a grammar that writes titles and computes P(title | category)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ytcat.categories import IDS, N_CATEGORIES

(FILM, AUTO, MUSIC, PETS, SPORT, TRAVEL, GAMING, PEOPLE, COMEDY, SHOW, NEWS, HOWTO, LEARN, TECH) = IDS


class Choice:
    """A choice among options whose probabilities depend on the category.

    `weights` gives each option a weight per YouTube category id; a category that is not named has
    weight `elsewhere`. Within a category, weights are divided by their sum.
    """

    def __init__(self, weights: Mapping[str, Mapping[int, float]], elsewhere: float = 0.0) -> None:
        table = np.array([[row.get(i, elsewhere) for i in IDS] for row in weights.values()], dtype=float)
        self.options = tuple(weights)
        self.probabilities = table / table.sum(axis=0)  # (options, 14), columns sum to 1
        self._row = {option: row for row, option in enumerate(self.options)}
        self._cumulative = self.probabilities.cumsum(axis=0)

    def draw(self, rng: np.random.Generator, label: int) -> str:
        """One option drawn from P(option | category), the category given as its label 0..13."""
        row = np.searchsorted(self._cumulative[:, label], rng.random(), side="right")
        return self.options[min(row, len(self.options) - 1)]  # rounding can leave the last sum below 1

    def likelihood(self, option: str) -> np.ndarray:
        """P(option | category), shape (14,) float64."""
        return self.probabilities[self._row[option]]


class Title(NamedTuple):
    """A title and the slot fillers in it (lower case), from which some of the tags are made."""

    text: str
    fillers: tuple[str, ...]


# --- the difficulty ---------------------------------------------------------------------------------
# A filler that belongs to the category is OWN times as likely as a neutral one, a filler of another
# category OTHER times. A generic template, which every category uses, has the weight GENERIC, while a
# category's own templates have weights of about 2 to 7: the larger GENERIC, the harder the titles.
OWN, OTHER = 2.6, 0.3
GENERIC = 1.5


def _slot(neutral: str = "", own: Mapping[int, str] | None = None) -> Choice:
    """The fillers of a slot, separated by commas: neutral ones, and those of single categories."""
    weights = {word: dict.fromkeys(IDS, 1.0) for word in neutral.split(",") if neutral}
    for category, words in (own or {}).items():
        for word in words.split(","):
            # A word in the lists of several categories belongs to all of them.
            weights.setdefault(word, dict.fromkeys(IDS, OTHER))[category] = OWN
    return Choice(weights)


SLOTS = {
    "adj": _slot(
        "amazing,incredible,crazy,strange,beautiful,biggest,worst,best,perfect,secret,real,little,new,last",
        {
            FILM: "animated,dark,epic",
            AUTO: "fast,rusty,classic",
            MUSIC: "acoustic,sweet,loud",
            PETS: "cute,tiny,fluffy",
            SPORT: "unbelievable,historic,winning",
            TRAVEL: "hidden,remote,tropical",
            GAMING: "legendary,impossible,epic",
            PEOPLE: "honest,emotional,personal",
            COMEDY: "hilarious,awkward,silly",
            SHOW: "exclusive,shocking,famous",
            NEWS: "deadly,urgent,political",
            HOWTO: "easy,quick,homemade",
            LEARN: "ancient,simple,historic",
            TECH: "smart,electric,powerful",
        },
    ),
    "thing": _slot(
        "box,surprise,mistake,room,story,gift,world,moment,plan,question,trick,machine,night,idea",
        {
            FILM: "movie,villain,sequel,director,animation,scene,hero,short film",
            AUTO: "car,engine,truck,motorcycle,garage,race car,pickup,convertible",
            MUSIC: "song,guitar,album,melody,band,concert,piano,chorus",
            PETS: "kitten,puppy,parrot,dog,cat,hamster,rabbit,turtle",
            SPORT: "goal,match,coach,striker,stadium,final,penalty,season",
            TRAVEL: "island,flight,beach,hotel,train,village,passport,mountain",
            GAMING: "game,console,level,quest,dungeon,controller,monster,castle",
            PEOPLE: "apartment,wedding,baby,boyfriend,diary,birthday,roommate,family",
            COMEDY: "prank,joke,parody,sketch,impression,neighbor,office,roommate",
            SHOW: "celebrity,show,audition,host,contest,award,actor,hero,movie,song",
            NEWS: "election,senate,storm,president,protest,court,police,wildfire",
            HOWTO: "makeup,recipe,haircut,cake,outfit,closet,lipstick,dinner",
            LEARN: "lesson,history,teacher,essay,language,experiment,school,planet",
            TECH: "phone,laptop,robot,rocket,planet,camera,battery,experiment",
        },
    ),
    "who": _slot(
        "my friend,a stranger,everyone,this guy,my brother,this girl,these people,kids",
        {
            FILM: "the director,the villain",
            AUTO: "the mechanic,the driver",
            MUSIC: "the band,the singer,the choir",
            PETS: "my dog,my cat,the zoo",
            SPORT: "the coach,the rookie,the champion",
            TRAVEL: "the pilot,our guide",
            GAMING: "my team,the final boss",
            PEOPLE: "my mom,my boyfriend,my sister",
            COMEDY: "my neighbor,my boss,my mom,dad",
            SHOW: "the host,the judges,a celebrity,the cast,the singer",
            NEWS: "the president,the senator,the police",
            HOWTO: "the chef,my barber,my sister",
            LEARN: "the teacher,my students,the professor",
            TECH: "engineers,scientists,the professor",
        },
    ),
    "end": _slot(
        ",!,!!,?, (2018), | part 2, (not a joke)",
        {
            FILM: " | trailer, | short film",
            AUTO: " | test drive",
            MUSIC: " (official audio), (official video), (live)",
            PETS: " | animal rescue",
            SPORT: " | highlights",
            TRAVEL: " | travel diary",
            GAMING: " | gameplay, (live)",
            PEOPLE: " | vlog, | story time",
            COMEDY: " | comedy sketch, | stand up",
            SHOW: " | full episode, | interview",
            NEWS: " | breaking news, | interview",
            HOWTO: " | tutorial, | easy recipe",
            LEARN: " | explained, | lecture",
            TECH: " | review, | explained",
        },
    ),
    "n": _slot("3,5,7,10,12,15,20,24,30,50,100"),
    "part": _slot("1,2,3,4,5,6,7,8,9,10"),
    "year": _slot("2017,2018"),
    "film": _slot(
        "kingdom,castle,phantom,shadow,stranger,detective,forest,empire,ghost,orphan,warrior,voyage"
    ),
    "night": _slot("last,silent,midnight,hidden,broken,golden,crimson,lonely,burning,distant"),
    "song": _slot("heart,river,summer,fire,rain,home,shadow,dream,road,forever,tonight,ocean,moon"),
    "car": _slot("truck,sports car,pickup,convertible,motorcycle,wagon,race car,sedan"),
    "pet": _slot("kitten,puppy,parrot,hamster,rabbit,turtle,goat,duckling,cat,dog"),
    "beast": _slot("octopus,wolf,shark,owl,elephant,fox,bear,dolphin,spider"),
    "club": _slot(
        "harbor city,river town,north valley,old port,east hill,stone bridge,lake county,green field"
    ),
    "play": _slot("goals,saves,dunks,catches,comebacks,penalties,tackles"),
    "city": _slot("paris,tokyo,iceland,morocco,peru,vietnam,norway,lisbon,kenya,hawaii"),
    "quest": _slot(
        "dragon quarry,pixel farm,star miner,zombie harbor,dungeon kitchen,tank garden,robot island"
    ),
    "boss": _slot("dragon,ice giant,final boss,skeleton king,zombie queen,swamp monster"),
    "routine": _slot("morning,evening,weekend,school,winter,pregnancy,workout"),
    "life": _slot("my wedding,college,our baby,my family,moving out,my anxiety,my job,my boyfriend"),
    "does": _slot(
        "orders pizza,wakes up late,meets your parents,loses the phone,tells a joke,goes to the gym"
    ),
    "where": _slot("the gym,the airport,school,a wedding,the office,a restaurant,the beach"),
    "game": _slot("charades,trivia,musical chairs,hot potato,truth or dare,guess the song"),
    "event": _slot("storm,wildfire,earthquake,shooting,flood,strike,hurricane,attack"),
    "coast": _slot("the coast,the capital,the south,the border,the west,the island"),
    "official": _slot("the president,the senator,the mayor,congress,the court,the minister"),
    "issue": _slot("the tax plan,the election,the budget,gun control,immigration,the investigation"),
    "food": _slot("chocolate cake,pizza,noodles,pancakes,bread,cookies,fried chicken,dumplings,cheesecake"),
    "style": _slot("makeup,hair,closet,nail art,kitchen,skin care,sewing,cleaning"),
    "topic": _slot(
        "gravity,the roman empire,grammar,money,evolution,democracy,the moon,infinity,sleep,language"
    ),
    "why": _slot("dream,forget,age,yawn,sleep,laugh,fear the dark,vote"),
    "gadget": _slot("phone,laptop,tablet,camera,drone,smart watch,headset,printer"),
    "machine": _slot("robot,rocket,satellite,solar panel,battery,processor,telescope,reactor"),
}

# What each category's videos are called: the template's weight in the categories that use it.
TEMPLATES = Choice(
    {
        "the {night} {film} | official trailer": {FILM: 6, SHOW: 0.6, GAMING: 0.5},
        "{night} {film} - official teaser ({year})": {FILM: 3, SHOW: 0.4, GAMING: 0.5},
        "everything wrong with the {adj} {film}": {FILM: 2, SHOW: 0.6, COMEDY: 0.6},
        "animated short: the {night} {beast}": {FILM: 3, LEARN: 0.2, COMEDY: 0.2},
        "{adj} {car} review ({year})": {AUTO: 4, TECH: 0.2},
        "drag race: {car} vs {car}": {AUTO: 4, SPORT: 0.1},
        "restoring a rusty {car} | part {part}": {AUTO: 4, HOWTO: 0.1},
        "{night} {song} (official video)": {MUSIC: 7, SHOW: 0.2, COMEDY: 0.3},
        "{night} {song} - live on stage": {MUSIC: 4, SHOW: 1.4},
        "{adj} {song} ft. the {film}s (lyrics)": {MUSIC: 3},
        "{night} {song} (acoustic cover)": {MUSIC: 2, PEOPLE: 0.5, SHOW: 0.2},
        "{night} {song}": {MUSIC: 3, FILM: 0.8, PEOPLE: 0.3, SHOW: 0.5},
        "{adj} {pet} meets {pet} for the first time": {PETS: 4, PEOPLE: 0.2, SHOW: 0.05},
        "rescued {pet} finds a home": {PETS: 3, NEWS: 0.2},
        "{n} {adj} facts about the {beast}": {PETS: 3, LEARN: 1, TECH: 0.5},
        "{club} vs {club} | full highlights": {SPORT: 6, GAMING: 0.2},
        "top {n} {play} of the season": {SPORT: 3, SHOW: 0.05},
        "{club} wins after {adj} {play}": {SPORT: 3, NEWS: 0.3},
        "{n} days in {city}": {TRAVEL: 4, PEOPLE: 0.3, SHOW: 0.05},
        "{city} travel guide - {n} places to see": {TRAVEL: 4},
        "what to eat in {city}": {TRAVEL: 3, HOWTO: 0.2, SHOW: 0.1},
        "{quest} gameplay - part {part}": {GAMING: 5, SHOW: 0.05},
        "how to beat the {boss} in {n} minutes": {GAMING: 3, HOWTO: 0.15},
        "{quest} launch trailer": {GAMING: 3, FILM: 0.5},
        "my {routine} routine ({year})": {PEOPLE: 4, HOWTO: 1.8, SHOW: 0.1},
        "a day in my life: {life}": {PEOPLE: 4, SHOW: 0.2},
        "answering your questions about {life}": {PEOPLE: 3, SHOW: 0.3, COMEDY: 0.2},
        "when {who} {does}": {COMEDY: 5, PEOPLE: 0.6, SHOW: 0.5},
        "{n} types of people at {where}": {COMEDY: 4, PEOPLE: 0.4, SHOW: 0.3},
        "stand up: {who} at {where}": {COMEDY: 4, SHOW: 0.4},
        "{who} plays {game} on the show": {SHOW: 5, COMEDY: 0.6, MUSIC: 0.1},
        "{adj} audition leaves {who} in tears": {SHOW: 4, MUSIC: 0.2, PEOPLE: 0.1},
        "season {part} episode {n} | {adj} {film}": {SHOW: 3, FILM: 0.7, COMEDY: 0.4},
        "{who} on the red carpet ({year})": {SHOW: 3, NEWS: 0.3, FILM: 0.5, HOWTO: 0.2},
        "{event} hits {coast}: what we know": {NEWS: 4, SHOW: 0.1},
        "{official} responds to {issue}": {NEWS: 5, SHOW: 0.2, COMEDY: 0.4},
        "live: {official} on {issue}": {NEWS: 3, SHOW: 0.15, COMEDY: 0.3},
        "how to make {adj} {food}": {HOWTO: 4, SHOW: 0.2, PEOPLE: 0.2},
        "{n} {style} hacks you need": {HOWTO: 4, SHOW: 0.2, PEOPLE: 0.3},
        "{adj} {style} tutorial": {HOWTO: 4, PEOPLE: 0.3},
        "why do we {why}?": {LEARN: 4, TECH: 0.8, SHOW: 0.05},
        "{topic} explained in {n} minutes": {LEARN: 4, TECH: 0.8, NEWS: 0.1},
        "the history of {topic}": {LEARN: 4, NEWS: 0.1},
        "{gadget} test and review": {TECH: 5, GAMING: 0.3},
        "{gadget} vs {gadget}: speed test": {TECH: 4},
        "how a {machine} works": {TECH: 4, LEARN: 0.8},
    }
    | {
        template: dict.fromkeys(IDS, GENERIC) | {SHOW: 3 * GENERIC, COMEDY: 2 * GENERIC, PEOPLE: 2 * GENERIC}
        for template in (
            "you will not believe this {adj} {thing}{end}",
            "{who} and the {thing}{end}",
            "the {adj} {thing}{end}",
            "{n} {adj} things about the {thing}{end}",
            "nobody believed {who} did this{end}",
            "{who} tries the {adj} {thing}{end}",
            "{adj} {thing} vs {adj} {thing}{end}",
        )
    }
)

# Title Case, a sentence, shouting: how a title is written does not depend on its category, so its
# probability cancels in the posterior and likelihood() leaves it out.
_STYLES = {"words": 0.65, "sentence": 0.23, "shout": 0.12}


def _pieces(template: str) -> tuple[str, ...]:
    """A template cut into literal text and slots; the slots are at the odd positions."""
    return tuple(re.split(r"\{(\w+)\}", template))


_PIECES = {template: _pieces(template) for template in TEMPLATES.options}


def draw(rng: np.random.Generator, label: int) -> Title:
    """A title drawn from P(title | category), the category given as its label 0..13."""
    pieces = list(_PIECES[TEMPLATES.draw(rng, label)])
    for place in range(1, len(pieces), 2):
        pieces[place] = SLOTS[pieces[place]].draw(rng, label)
    style = rng.choice(list(_STYLES), p=list(_STYLES.values()))
    return Title(_written("".join(pieces), style), tuple(pieces[1::2]))


def _written(text: str, style: str) -> str:
    """The text in one of the styles; `lower()` undoes each of them."""
    if style == "shout":
        return text.upper()
    if style == "sentence":
        return text[0].upper() + text[1:]
    return re.sub(r"(?<![\w'])[a-z]", lambda letter: letter.group().upper(), text)


def likelihood(title: str) -> np.ndarray:
    """P(title | category) up to the factor of the style, shape (14,) float64.

    0 for a title that the grammar cannot write. Exact: the sum, over all templates and all ways to fill
    their slots that give this title, of P(template | category) times the product of
    P(filler | slot, category).
    """
    text = title.lower()
    total = np.zeros(N_CATEGORIES)
    for template, pieces in _PIECES.items():
        total += TEMPLATES.likelihood(template) * _likelihood_of_rest(text, pieces)
    return total


def _likelihood_of_rest(text: str, pieces: tuple[str, ...]) -> np.ndarray | float:
    """P(the pieces give exactly this text | category): a literal, a slot, a literal, ..., a literal."""
    if not text.startswith(pieces[0]):
        return 0.0
    text = text[len(pieces[0]) :]
    if len(pieces) == 1:
        return float(text == "")
    slot, rest = SLOTS[pieces[1]], pieces[2:]
    total = np.zeros(N_CATEGORIES)
    for filler in slot.options:
        if text.startswith(filler):
            total += slot.likelihood(filler) * _likelihood_of_rest(text[len(filler) :], rest)
    return total
