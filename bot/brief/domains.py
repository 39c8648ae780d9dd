"""Finds the project's own domains, and leaves examples, hosts of others and addresses of APIs alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.brief import clause
from bot.brief.blocks import Passage
from bot.brief.frame import frame
from bot.brief.mention import Mention

_TLD: Final = "com|net|org|io|dev|app|ai|co|me|xyz|tech|cloud|site|online|shop|store|info|biz|eu|de|fr|ru|br|cn|vn|th|in|uk|us|ca|au|nl|pl|it|es|pt|ch|at|be|se|no|fi|dk|cz|jp|kr|sg|hk|tw|id|my|ph|mx|ar|cl|pe|za|ng|ke|gg|so|tv|to|ly|sh|rs|land|studio|space|world|live|news|blog|page|run|works|team|agency|digital|health|care|finance|games|school|academy|edu|gov|farm|jobs|tools|systems|network|social|chat|travel|pro|рф"
_DOMAIN: Final = re.compile(
    rf"(?<![\w@.\-/])(?:(https?|wss?)://)?((?:[a-z0-9](?:[a-z0-9-]{{0,40}}[a-z0-9])?\.)+(?:{_TLD}))(?![\w-]|\.\w|@)",
    re.IGNORECASE,
)
_SAYS_OWN: Final = re.compile(
    r"\b(?:domains?|subdomains?|dns|a record|cname|hosted (?:at|on|under)|deployed (?:to|at)|live (?:at|on|url)|production (?:url|domain|host)|prod(?:uction)?:|public url|site url|app url|available at|served (?:at|from|on)|server_name|tls|ssl|certificate|let'?s encrypt|host\(|website:|points? to|landing (?:at|on))|домен\w*|domaine|domínio|dominio|hébergé|hospedad[oa]|域名|tên miền|โดเมน",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"(?:^|\.)(?:(?:your|my|the|some|any|tu|mi|seu|sua|meu|votre|mon|ton|ваш|deine?|ihre)[-_]?(?:own[-_]?)?(?:domain\w*|dom[ií]nio|site|app|company|org|server|host|project|brand|name|saas|shop|store|api)|example|yourdomain|your-domain|mydomain|my-domain|domain|yourapp|your-app|myapp|my-app|yoursite|acme|company|foo|bar|test|localhost|contoso|placeholder|mycompany|yourcompany|site|app|sub|tenant|host|server|client|customer)\.\w+$|"
    r"(?:^|\.)(?:onrender|vercel|netlify|herokuapp|railway|fly|pages|workers|web|firebaseapp|github|githubusercontent|gitlab|google|googleapis|gstatic|openai|anthropic|stripe|twilio|supabase|neon|upstash|mongodb|amazonaws|azure|azurewebsites|cloudfront|cloudflare|docker|npmjs|pypi|python|nodejs|telegram|t|discord|slack|facebook|twitter|x|linkedin|youtube|instagram|whatsapp|microsoft|apple|wikipedia|stackoverflow|medium|notion|figma|sentry|auth0|clerk|resend|sendgrid|paypal|mapbox|openstreetmap|tailwindcss|reactjs|nextjs|vuejs|nginx|postgresql|redis|letsencrypt|huggingface|kaggle|reddit|amazon|gmail|outlook|claude|deepseek|openrouter|groq|ngrok|trycloudflare|duckdns|nip|sslip|schema|w3|socket|d3|next|vue|nuxt|three|node|chart|express|alpine|moment|asp|hono|p5|day|fly|ably|pusher|algolia|linear|shields|jsdelivr|unpkg|cdnjs|fonts|hub|ghcr|quay|gcr|render|railway|modal|replicate|cohere|mistral|ollama|qdrant|weaviate|pinecone|langchain|crates|rust-lang|golang|go|pkg|laravel|django|djangoproject|fastapi|tiangolo|flask|palletsprojects|wordpress|shopify|bitbucket|atlassian|jira|trello|zapier|n8n|hubspot|salesforce|digitalocean|linode|vultr|hetzner|ovh|godaddy|namecheap|bunny|backblaze|wasabi|cloudinary|imgur|unsplash|pexels)\.\w+(?:\.\w+)?$",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"(?:tenant|client|customer|brand|company|user|name|slug|foo)\w*-?\d*\.(?=[^.]+\.\w)|.*acme"
)
_FILES: Final = re.compile(
    r"\.(?:md|py|js|ts|sh|rs|go|so|ai|io|me|app|net|pro|run|co|in|it|is|to|no|at|be|page|live|works|team|tools|me)$",
    re.IGNORECASE,
)
_DIRECT: Final = re.compile(
    r"server_name|Host\(|domain|dns|домен|域名|domaine|dom[ií]nio|tên miền|hosted|live at|production|deployed",
    re.IGNORECASE,
)


def own_domains(passages: tuple[Passage, ...], path: str) -> Iterator[Mention]:
    """Yield a mention for each place that names one of the project's own domains."""
    for passage in passages:
        if "." not in passage.text:
            continue
        for match in _DOMAIN.finditer(passage.text):
            name = match[2].lower()
            if _OTHERS.search(name) or _PLACEHOLDER.match(name) or name.count(".") > 4 or not _own(passage, match):
                continue
            around = clause.clause(passage.text, match.start(), match.end())
            if (
                frame(passage).status in {"rejected", "future", "content"}
                or clause.negated(around)
                or clause.deferred(around)
            ):
                continue
            yield Mention(
                name=name.removeprefix("www."),
                topic="custom_domain",
                path=path,
                line=passage.line_at(match.start()),
                quote=" ".join(passage.text[max(0, match.start() - 60) : match.end() + 60].split()),
                stance="asserted",
                weight=0.9,
            )


def _own(passage: Passage, match: re.Match[str]) -> bool:
    text = " ".join(passage.cells) if passage.kind == "cell" else passage.text
    near = f"{passage.column} {text[:200] if passage.kind == 'cell' else text[max(0, match.start() - 90) : match.end() + 60]}"
    if match[1] and re.match(r"/\w", passage.text[match.end() : match.end() + 2]):
        return False  # a page of a site, not a site
    if not match[1] and _FILES.search(match[2]) and match[2].count(".") == 1 and not _DIRECT.search(near):
        return False
    return bool(_SAYS_OWN.search(near))
