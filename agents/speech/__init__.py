"""What recognisers and voices share: services over HTTP, models that are fetched, the choice by language."""
