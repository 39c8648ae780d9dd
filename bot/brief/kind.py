"""Judges what kind of thing a project is: something that is served, or something that runs on a person's own device."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.brief.blocks import Passage

_KINDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("cli", "a command-line tool", r"\b(?:cli|command[- ]line (?:tool|app|interface|utility)|terminal (?:app|ui|tool)|tui|shell (?:script|plugin))\b|командн\w+ строк|ligne de commande|linha de comando|命令行|dòng lệnh"),
    ("library", "a library", r"\b(?:library|npm package|python package|pypi package|sdk|crate|gem|header-only|react hook|component library|eslint plugin|framework for)\b|библиотек|bibliothèque|biblioteca|类库|函数库|thư viện"),
    ("game", "a game", r"\b(?:video ?game|2d game|3d game|(?:browser|mobile|card|board|puzzle|platformer|rpg|roguelike) game|gameplay|godot|unity|unreal|pygame|phaser|bevy|game (?:loop|engine|design))\b|игр[аы]\b|\bjeu\b|\bjogo\b|游戏|trò chơi|เกม"),
    ("extension", "an extension of a browser or editor", r"\b(?:(?:browser|chrome|firefox|vs ?code|vscode) extension|manifest v3|mv3|userscript|obsidian plugin|figma plugin|raycast extension|wordpress plugin)\b|расширени\w+ (?:для )?(?:браузер|chrome)|浏览器扩展|浏览器插件|tiện ích mở rộng"),
    ("mobile", "a mobile app", r"\b(?:mobile app|ios app|android app|swiftui|jetpack compose|flutter|react native|expo|app store|play store|iphone)\b|мобильн\w+ приложен|application mobile|aplicativo (?:móvel|mobile)|手机应用|移动应用|ứng dụng di động"),
    ("desktop", "a desktop app", r"\b(?:desktop app(?:lication)?|electron|tauri|pyqt\d?|pyside\d?|tkinter|winforms|wpf|winui|macos app|menu ?bar app|system tray|windows app|qt ?6|native macos)\b|настольн\w+ приложен|десктоп|application de bureau|桌面应用|桌面端"),
    ("script", "a script or notebook", r"\b(?:jupyter|notebook|dotfiles|research paper|thesis|dataset|playwright (?:project|tests?)|test (?:suite|automation)|one-off script|batch script|excel macro|google sheets? add-?on|config(?:uration)? files?)\b"),
    ("hardware", "software for a device", r"\b(?:firmware|arduino|esp32|microcontroller|raspberry pi pico|stm32|rtos|fpga|kicad|pcb)\b"),
    ("static", "a static site", r"\b(?:static (?:web)?sites?|landing page|portfolio (?:site|website)|github pages|single html file|no (?:backend|server|back[- ]end)|client[- ]side only|localstorage|indexeddb|pure (?:html|front[- ]?end))\b|статическ\w+ сайт|site statique|site estático|静态网站|纯前端|无后端"),
    ("served", "", r"\b(?:web app(?:lication)?|saas|rest(?:ful)? api|backend|back-end|server|microservices?|dashboard|admin panel|platform|multi-tenant|web service|http (?:api|service|server)|standalone .{0,30}service|webhook|api gateway|crm|erp|e-?commerce|marketplace|portal|discord bot|telegram bot|slack bot|website|web interface|web ui)\b|веб-приложени|сервер|платформ|бот\b|application web|plateforme|plataforma|aplicação web|servidor|网站|平台|后端|服务端|后台|小程序|nền tảng|ứng dụng web|hệ thống|เว็บ|แพลตฟอร์ม|ระบบ"),
)  # fmt: skip
_PATTERNS: Final = tuple((name, words, re.compile(pattern, re.IGNORECASE)) for name, words, pattern in _KINDS)
_DENIED: Final = re.compile(
    r"\b(?:no|without(?: an?| any)?|not an?|never an?|zero|needs no|non)\s+(?:[\w-]+\s+){0,2}?(?:servers?|back-?end|accounts?|cloud|web ui|web app|api|dashboard|app|library|cli)\b"
    r"|\bnot? (?:yet )?(?:planned|included)\b|serverless|(?:no|without) [\w ]{0,20}(?:or|,) (?:server|backend)",
    re.IGNORECASE,
)
_LEAD_LINES: Final = 40
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """What a project is: `served`, or the kind of thing that needs no hosting, with the words for the reader.

    `static` is set where the documents speak of static files without a server at least half as much as of something served.
    """

    name: str = ""
    words: str = ""
    static: bool = False

    @property
    def local(self) -> bool:
        """Whether it runs on a person's own device, or is only files."""
        return self.name not in {"", "served", "static"}

    @property
    def reason(self) -> str:
        """Why nothing is to be hosted, one sentence."""
        return f"The documents describe {self.words}: there is nothing to host." if self.words else ""


def kind_of(passages: Iterable[Passage]) -> Kind:
    """Return what the documents describe: each kind's words count, those in titles and openings most."""
    scores: dict[str, float] = {}
    words_of = {name: words for name, words, _ in _PATTERNS}
    for number, passage in enumerate(passages):
        if number > _MOST:
            break
        factor = 4.0 if passage.line <= 3 else 2.0 if passage.line <= _LEAD_LINES else 0.4
        if passage.kind in {"code", "tree"}:
            factor *= 0.3
        said = passage.text[:400]
        text = _DENIED.sub(" ", said)
        for name, _, pattern in _PATTERNS:
            if pattern.search(said if name == "static" else text):
                scores[name] = scores.get(name, 0.0) + factor
    if not scores:
        return Kind()
    best = max(scores, key=lambda name: scores[name])
    served = scores.get("served", 0.0)
    if best != "served" and scores[best] <= served * 1.2:
        best = "served"
    return Kind(best, words_of[best], static=scores.get("static", 0.0) > served * 0.5)
