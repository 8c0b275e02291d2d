"""The calls of huggingface_hub about papers against the site at sys.argv[1]; prints what came of them as JSON."""

import json
import sys

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import PaperInfo

api = HfApi(endpoint=sys.argv[1], token=False)


def fields(paper):
    assert isinstance(paper, PaperInfo)
    return {
        "id": paper.id,
        "title": paper.title,
        "published": paper.published_at.isoformat(),
        "submitted": paper.submitted_at.isoformat() if paper.submitted_at else None,
        "upvotes": paper.upvotes,
        "authors": [author.name for author in paper.authors],
    }


def failure(call):
    try:
        call()
    except HfHubHTTPError as error:
        return {"status": error.response.status_code, "message": str(error)}
    return None


seed = "2412.08424"
print(
    json.dumps(
        {
            "daily": [fields(paper) for paper in api.list_daily_papers(date="2025-12-25")],
            "page": [paper.id for paper in api.list_daily_papers(week="2025-W52", sort="trending", p=1, limit=20)],
            "found": [fields(paper) for paper in api.list_papers(query="perceptron", limit=3)],
            "paper": fields(api.paper_info(seed)),
            "markdown": api.read_paper(seed),
            "failures": {
                "date": failure(lambda: list(api.list_daily_papers(date="2025-02-29"))),
                "query": failure(lambda: list(api.list_papers(query="x" * 251))),
                "paper": failure(lambda: api.paper_info("2501.99999")),
                "markdown": failure(lambda: api.read_paper("2501.99999")),
            },
        }
    )
)
